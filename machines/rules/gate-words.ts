/**
 * Words that mean much the same, in the languages that people here write: what is learned of one holds for the others.
 *
 * Owns: the words. Does not own: what they weigh, which is learned (tools/gate), or how they are looked for
 * (gate-features.ts). A word is written as anybody would, `*` at its end stands for any ending; case and accents do not
 * matter, since both sides are folded.
 *
 * @module
 */
export const GATE_WORDS = {
  /** A question whose answer is yes or no, or true or false. */
  verdict: `
    true or false|true, false|yes or no|right or wrong|correct or incorrect|is it true that|vrai ou faux|oui ou non
    est-il vrai|richtig oder falsch|wahr oder falsch|ja oder nein|stimmt es|verdadero o falso|sí o no|es cierto que
    vero o falso|verdadeiro ou falso|sim ou não|waar of onwaar|waar of niet|ja of nee|sant eller falskt|ja eller nej
    prawda czy fałsz|tak czy nie|верно ли|правда ли|да или нет|doğru mu|evet mi|判断对错|是对是错|对还是错|是否正确|是或否|正しいか|はいかいいえ
    맞습니까|참인지|صح أم خطأ|맞아 틀려|맞냐 틀리냐|참인가|참 거짓|참 또는|예 아니|맞을까 틀릴까|evet/hayır|evet mi hayır|olumlu mu|doğru mu yanlış|正误
    真假|对错|ポジ？ネガ|マルかバツ|正誤|正しいか間違|صح ام|صح ولا|ايوه ولا|نعم ام لا|صحيح ام`,
  /** What is asked for is a number. */
  quantity: `
    how many|how much|how long|how far|how fast|how tall|how old|at what time|which day|what day|day of the week
    what time will|which year|what age|wie spät|combien|à quelle heure|quel jour|quel âge|wie viel|wie viele|wieviel
    wieviele|wie lange|wie schnell|wie weit|wie alt|an welchem tag|welcher wochentag|cuánto|cuánta|cuántos|cuántas
    qué edad|qué día|quanto|quanta|quanti|quante|quantos|quantas|hoeveel|hur många|hur mycket|ile to|ile jest|ile razy
    ile lat|ile kosztuje|ile dni|сколько|kaç|多少|几个|几只|几天|几次|几点|いくつ|いくら|何個|何人|何分|何時間|얼마|몇|كم`,
  /** Something is to be worked out. */
  calculate: `
    calculate|compute|solve|simplify|convert|work out the|add up|what comes next|round to|calcule|calculez|résous
    résoudre|simplifie|convertis|berechne|rechne|löse|vereinfache|wandle|was ist die summe|calcula|calcular|resuelve
    simplifica|convierte|calcola|risolvi|converti|resolva|converta|bereken|los op|beräkna|lös|räkna ut|oblicz|rozwiąż
    вычисли*|посчитай*|реши|hesapla*|çöz|计算|求解|解方程|算一下|換算|换算|計算|求めよ|求めて|계산|احسب|더하기|곱하기|나누기|빼기|합이|이면|뒤는|라면|なら|日後|週間後
    再过|天后|عمره|اكبر من|اصغر من|اطول من|اقصر من|sonra hangi|kaçta|kaç eder|kaç gün`,
  /** Words of arithmetic and of simple mathematics. */
  mathematics: `
    sum of|product of|divided by|divisible|multiplied by|prime|square root|cube root|derivative|integral|average
    remainder|percent|percentage|probability|in total|total amount|altogether|area of|volume of|angle|greatest common
    chance of|odds of|likelihood of|quarters|thirds|take away|le double de|le triple de|das doppelte von|el doble de
    il doppio di|o dobro de|两倍|三倍|least common|next number|consecutive|sequence|equation|fraction|perimeter|au total
    en tout|aire de|divisé par|nombre premier|moyenne|pourcent*|probabilité|vitesse moyenne|racine carrée|périmètre
    insgesamt|flächeninhalt|volumen|geteilt durch|primzahl*|prozent|durchschnitt*|wahrscheinlichkeit|quadratwurzel
    gleichung|umfang|teilbar|en total|área de|dividido|número primo|por ciento|promedio|probabilidad|raíz cuadrada
    ecuación|velocidad media|diviso|per cento|la media|velocità media|velocidade média|probabilità|por cento|primtal
    priemgetal|простое число|процент*|среднее|вероятность|yüzde|asal|liczba pierwsza|procent|质数|素数|百分之|平均|概率|確率|方程|除以
    乘以|割合|소수|평균|확률|곱하기|나누기|더하기|빼기`,
  /** Small numbers that are written out. */
  numerals: `
    two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|half|twice|deux|trois|quatre|cinq|sept|huit|neuf
    dix|douze|moitié|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|hälfte|dos|tres|cuatro|cinco|seis|siete
    ocho|nueve|diez|doce|mitad|due|tre|quattro|cinque|sette|otto|nove|dieci|dodici|dois|duas|quatro|sete|oito|dez|doze
    twee|drie|vijf|zes|två|fyra|fem|dwa|trzy|pięć|два|две|три|пять|iki|üç|beş|thirteen|fifteen|thirty|forty|fifty
    sixty|hundred|thousand|third|dozen|vingt|trente|cent|mille|zwanzig|dreißig|vierzig|hundert|tausend|dutzend
    zu zweit|zu dritt|zu viert|zu fünft|veinte|treinta|cien|ciento|mil|docena|venti|trenta|cento|vinte|trinta|cem
    zeven|negen|tien|twintig|honderd|sex|sju|åtta|nio|tio|tjugo|hundra|cztery|sześć|siedem|osiem|dziewięć|dziesięć
    dwadzieścia|sto|pięciu|trzech|czterech|dwóch|четыре|шесть|семь|восемь|девять|десять|двадцать|сто|двое|трое|dört
    altı|yedi|sekiz|dokuz|on|yirmi|yüz|二|三|四|五|六|七|八|九|十|百|千|两|둘|셋|네 명|다섯|여섯|일곱|여덟|아홉|열한|열|스무|두|세 명|اثنين|ثلاثه|اربعه
    خمسه|سته|سبعه|ثمانيه|تسعه|عشره|عشرين|نصف|مئه`,
  /** Letters of a word are to be counted. */
  letters: `
    r's|s's|e's|letter|letters|vowels|consonants|syllables|times does|occur|occurs|lettres|voyelles|buchstabe*|vokale
    silben|letras|vocales|sílabas|lettere|vocali|vogais|букв|гласных|字母|笔画|文字|harf*|tane|글자|몇 번 나|획|文字目|何個ある|回出て|几笔
    几个字|حرف*|يتكرر|كم مره|حروف`,
  /** Something that stands in a text is to be taken out of it. */
  extract: `
    extract|pull out|pick out|extrais|extraire|extrahiere|extrae|extraer|estrai|extraia|haal uit|extrahera|извлеки*
    wyodrębnij|提取|抽取|抽出|추출|استخرج|take out|pull the|pick the|spot the|list all|list every|which words|who is mentioned
    relève|relever|repère|saca|sacar|enumera|zieh mir|heraus|raus aus|liste auf|schreib raus|tira fuori|ricava|elenca
    tire|retire|liste|haal|noteer|plocka|lista|wypisz|wyciągnij|wyłap|znajdź|выпиши|вытащи|перечисли|выбери|çıkar
    listele|bul|挑出|列出|摘出|找出来|抜き出|書き出|拾って|뽑아|골라|찾아|추려|طلع|اذكر كل|farklı|나머지와|다른 하나|어디에 속|분류|중에 뭐|골라 줘|仲間はずれ|分類|どれに|どれ：
    次のうち|不是同类|不属于|归类|属于哪|لا تنتمي|صنف*|تصنيف|اختر`,
  /** Something that is there already is asked for. */
  fetch: `
    find|return|list|give me only|only the|trouve|donne-moi|cite|finde|nenne|encuentra|busca|dame|trova|dammi|encontra
    vind|noem|hitta|znajdź|найди|назови|bul|找出|列出|見つけ|찾아`,
  /** Somebody stands before a decision. */
  decide: `
    should i|should we|should they|should our|should my|should a|ought we|ought i|shall we|decide whether
    decide between|help me decide|help us decide|help me choose|what would you do|would you recommend
    what do you recommend|is it worth|worth it|is it better|is it a good idea|is it ethical|makes more sense|advise me
    which is better|which one is better|which would be better|what is better for|what's better for|what is better:
    what's better:|what is better,|what's better,|better for us|better for me|better for our|better for my
    better choice|better option|better deal|better fit|better suited|best choice|best option|best for us|best for me
    am i better off|are we better off|torn between|choose between|which one and why|what should we|how should|dois-je
    devrais-je|devons-nous|devrions-nous|faut-il|vaut-il mieux|aide-moi à choisir|aide-moi à décider|que feriez-vous
    que ferais-tu|vaut la peine|conseille-moi|mieux pour nous|mieux pour moi|qu'est-ce qui est mieux|est-il mieux
    meilleur choix|meilleure option|soll ich|sollte ich|sollen wir|sollten wir|lohnt es sich|lohnt sich
    hilf mir zu entscheiden|was würdest du|ist es besser|entscheiden zwischen|wäre es sinnvoll|was ist besser
    was wäre besser|welcher ist besser|welches ist besser|welche ist besser|besser für uns|besser für mich
    passt besser|bessere wahl|beste wahl|debería|deberíamos|debo|debemos|vale la pena|qué harías|es mejor
    qué me recomiendas|ayúdame a decidir|conviene|mejor opción|mejor para nosotros|mejor para mí|dovrei|dovremmo|devo
    dobbiamo|è meglio|sarebbe meglio|cosa faresti|mi consigli|scelta migliore|meglio per noi|devemos|deveria
    deveríamos|é melhor|melhor opção|melhor escolha|melhor para nós|moet ik|moeten we|zal ik|is het beter|wat is beter
    welke is beter|beter voor ons|beter voor mij|betere keuze|beste keuze|borde vi|borde jag|borde man|ska vi|ska jag
    bör vi|bör jag|är det bättre|vad är bättre|vilken är bättre|bättre för oss|bättre för mig|bästa valet
    czy powinienem|czy powinnam|czy powinniśmy|czy warto|co jest lepsze|co będzie lepsze|lepsze dla nas|lepszy wybór
    co lepiej|стоит ли|следует ли|нужно ли|что лучше|лучше для нас|какой лучше|какая лучше|должны ли мы|mi yoksa
    mı yoksa|değer mi|应该|该不该|要不要|值得|哪个更好|哪个好|哪个更合适|哪一个更好|哪种更好|还是|怎么选|どちらがよい|どちらが良い|どちらがいい|どっちがいい|どっちが良い|べきか|べきでしょうか
    해야 할까|할까요|좋을까|나을까|더 좋습니까|더 나은가|어느 쪽이 더|هل يجب|هل ينبغي|أيهما أفضل|ما الأفضل|الأفضل لنا|बेहतर रहेगा|बेहतर है
    बेहतर होगा|करना चाहिए|क्या हमें|क्या मुझे`,
  /** Somebody wants to hear what others think. */
  opinion: `
    thoughts?|any thoughts|what do you think|your opinion|your view|your advice|any advice|i'm torn|can't decide
    not sure if|not sure whether|what are my options|what are our options|does it make sense to|is it smart to
    would it be better|qu'en penses-tu|qu'en pensez-vous|ton avis|votre avis|j'hésite|on hésite|nous hésitons
    que me conseilles-tu|was denkst du|was meinst du|was meint ihr|was hältst du|deine meinung|was rätst du
    unschlüssig|ich bin unsicher|qué opinas|qué piensas|qué te parece|no sé si|dudo entre|qué me aconsejas|tu opinión
    cosa ne pensi|che ne pensi|non so se|che ne dici|il tuo parere|o que achas|o que você acha|não sei se|na dúvida
    wat vind je|wat denk je|ik twijfel|vad tycker du|jag tvekar|co myślisz|co sądzisz|nie wiem czy|как думаешь
    что думаешь|что думаете|не знаю стоит|посоветуй*|твоё мнение|ne dersin|ne düşünüyorsun|kararsızım|你怎么看|你觉得|怎么看待
    怎么办|该怎么|纠结|意见|看法|どう思|どうしたら|意見|アドバイス|悩んで|어떻게 생각|의견|조언|고민|ما رأيك|نصيحتك`,
  /** Whoever asks speaks for several people. */
  ours: `
    we|our|ours|us|nous|notre|nos|wir|unser*|nosotros|nosotras|nuestr*|tenemos|queremos|noi|nostro|nostra|nossa|nosso
    temos|ons|onze|wij|vi|vår|våra|nasz*|mamy|мы|нас|наш*|biz|bizim|我们|咱们|私たち|うちの|弊社|우리|نحن|لدينا|bize|bizi|köyümüz*
    okulumuz*|kulübümüz*|mız|miz|저희|동네|마을|うち|我が家|私達|共働き|咱|我们家|عندنا|معنا|لنا|احنا|حنا|بيتنا|حينا|قريتنا|نادينا`,
  /** Something with many parts is to be thought up. */
  devise: `
    plan a|plan an|plan the|plan our|plan my|help me plan|help us plan|make a plan|plan for|design|architect
    architecture|brainstorm|propose|proposal|roadmap|strategy|strategies|concept for|come up with|draft a policy
    outline a|planifie*|élabore*|conçois|concevoir|organise un|organise une|organise le|organise la|organiser|plan de
    stratégie|feuille de route|imagine un|plane ein|plane eine|plane einen|plane unser*|plane die|plane den|planen
    entwirf|entwerfen|entwickle|konzept|fahrplan|vorschlag|brainstorming|planifica*|diseña*|elabora|propón|estrategia
    hoja de ruta|un plan|lluvia de ideas|organiza|pianifica*|progetta*|proponi|strategia|un piano|planeja*|planeia
    projete|desenha|um plano|maak een plan|plan een|ontwerp|strategie voor|bedenk|planera|utforma|föreslå|strategi
    en plan|zaplanuj|zaprojektuj|zaproponuj|спланируй*|разработай*|предложи|стратеги*|составь план|план|planla*
    tasarla*|öner|strateji*|bir plan|设计|规划|计划|策划|方案|策略|制定|头脑风暴|計画|設計|戦略|提案|企画|계획|설계|전략|제안|خطة|صمم|استراتيجية|yapalım
    planı yap*|기획|짜 봅|짜줘|짜 주|짜야|生み出|立てて|考えてほしい|一緒に考え|想一个|出个|拟一个|ضع خطه|حط خطه|خطه ل*|اقتراحات|افكار ل*`,
  /** Two or more things are to be held against each other. */
  compare: `
    compare|comparison of|versus|vs|trade-off*|tradeoff*|trade off*|pros and cons|advantages and disadvantages
    weigh up|weigh the|both sides|upsides and downsides|benefits and drawbacks|argue for|arguments for|debate whether
    let's debate|evaluate the|evaluate our|evaluate whether|assess the|assess our|pros|cons|comparez|comparer
    comparons|avantages et|les inconvénients|pour et contre|le pour et le contre|évalue|vergleich*|vor- und nachteile
    vorteile und nachteile|vor und nachteile|was spricht für|abwägen|bewerte|pro und contra|compara*|ventajas y
    desventajas|pros y contras|a favor y en contra|evalúa|evaluar|confronta|vantaggi e|pro e contro|svantaggi
    vantagens e|desvantagens|prós e|vergelijk|voor- en nadelen|voors en tegens|jämför|för- och nackdelar|fördelar och
    porównaj|wady i zalety|zalety i wady|сравни*|плюсы и минусы|за и против|преимущества и|karşılaştır*|artıları
    avantaj*|比较一下|请比较|比较下|相比|对比|优缺点|利弊|优劣|比較|メリット|長所と短所|議論|비교|장단점|قارن|مزايا|artı|eksi|mi kalalım|장점과|단점과|대|이냐|냐 아니면
    か、それとも|か賃貸|か自前|还是说|ايهما|ام نبقى|ولا نبقى|او نرفع|الفرق بين الخيارين|اما`,
  /** A way out of a situation is asked for, and there are many. */
  improve: `
    what are we doing wrong|what am i doing wrong|what could we do|ways to|ideas for|ideas to|a way for us to
    think through|what happens if we|find a solution|find a compromise|find an arrangement|different ideas
    different ways|different models|different approaches|several approaches|how can we|how could we|how might we
    what are the risks|where are the risks|the risks of|what could go wrong|what can go wrong|what should i do
    what can we do|improve our|idées pour|trouver un compromis|trouver une solution|plusieurs approches
    comment améliorer|comment réduire|comment pourrions-nous|comment pouvons-nous|comment faire pour|quels risques
    ideen für|kompromiss finden|lösung finden|was machen wir falsch|mehrere ansätze|wie können wir|wie könnten wir
    wie könnte man|wie sollten wir|welche risiken|verbessern|ideas para|encontrar una solución|qué hacemos mal
    cómo podemos|cómo podríamos|cómo mejorar|cómo reducir|qué riesgos|idee per|ideias para|come possiamo|come potremmo
    come migliorare|como poderíamos|como melhorar|hoe kunnen we|hoe kunnen wij|hur kan vi|hur skulle vi|jak możemy
    jak mogłibyśmy|как нам|как можно улучшить|nasıl geliştir*|nasıl artır*|点子|办法|如何提高|如何改善|如何改进|怎样才能|アイデア|どうすれば|어떻게 하면
    كيف يمكننا`,
  /** Somebody wants something, or would rather not. */
  wish: `
    want|wants|wanted|prefer|prefers|would rather|i'd rather|we'd rather|insists|insist|refuses|refuse|thinking of
    thinking about|tempted|veut|veulent|voudrait|voudrais|aimerait|aimerais|préfère|préfèrent|envie de|will nicht
    will lieber|will unbedingt|wollen|möchte|möchten|lieber|weigert|quiere|quieren|quiero|queremos|prefiere|prefiero
    prefieren|se niega|vuole|vogliono|vorrei|vorrebbe|preferisce|preferisco|preferirei|quer|querem|quero|prefiro|wil
    willen|liever|vill|föredrar|hellre|chce|chcą|wolę|woli|хочет|хочу|хотят|хотим|предпочита*|istiyor*|想|愿意|希望|したい|欲しい
    싶|원해|يريد|أريد|نريد|istemi*|isti*|ister*|diyor|싶대|싫다|싫대|달라는데|하자고|하자는|않으|못 하|반대|찬성|흔들|고집|したくない|したがる|嫌が|反対|賛成|言い出し
    と言う|と言って|不想|不愿|不同意|反对|不肯|非要|يريد*|تريد*|اريد|يرفض*|ترفض|ارفض|يبي|تبي|ابغى|يبغى|بدي|بدو|بدها|عايز*|عاوز*|يقول|تقول
    خائف|خايف`,
  /** People whose lives are touched by what comes of it. */
  people: `
    boss|manager|landlord|landlady|tenant|tenants|wife|husband|partner|girlfriend|boyfriend|cofounder|co-founder|son
    daughter|kids|children|mother|mum|mom|father|dad|parents|grandma|grandpa|grandmother|grandfather|sister|brother
    family|neighbour*|neighbor*|colleague*|coworker*|team|teams|staff|employees|volunteers|members|customers|residents
    roommate|flatmate|patronne|associé*|mari|fils|fille|enfants|voisin*|collègue*|équipe|employés|propriétaire|chefin
    mein chef|mein mann|meine frau|sohn|tochter|kinder|eltern|nachbar*|kolleg*|mitarbeiter*|vermieter*|mitbewohner*
    jefe|jefa|socio|socia|marido|mi mujer|hijo|hija|hijos|mis padres|vecin*|compañer*|equipo|emplead*|mio capo|marito
    moglie|figlio|figlia|figli|genitori|colleghi|chefe|esposa|filho|filha|filhos|meus pais|vizinh*|colegas|baas
    mijn man|vrouw|zoon|dochter|kinderen|ouders|buren|collega*|min man|min fru|dotter|barnen|föräldrar|grannar*|szef
    mąż|żona|córka|dzieci|rodzice|sąsie*|начальник|муж|жена|дочь|дети|родители|сосед*|коллег*|команда|patronum|eşim
    oğlum|kızım|老板|老公|老婆|儿子|女儿|孩子|父母|邻居|同事|员工|大家|房东|上司|息子|両親|同僚|社員|상사|남편|아내|부모님|이웃|동료|직원|anne*|baba*|kardeş*|kızım*
    oğl*|eşi*|komşu*|arkadaş*|öğretmen*|veli*|patron*|müdür*|ortağ*|ortak*|kayın*|çocuk*|gençler*|aile*|öğrenci*|엄마|아빠
    아버지|어머니|형제|동생|언니|누나|오빠|아들|딸|시어머니|시댁|친정|장모|친구|동업자|사장|집주인|윗집|팀장|후배|선배|아이|애가|애들|학부모|夫|妻|子ども|子供|娘|母|父|兄|姉|弟|妹|義母|義父|友達
    友人|部下|先輩|後輩|大家さん|隣|保護者|婆婆|公公|丈母娘|爸|妈|弟弟|妹妹|哥哥|姐姐|朋友|领导|合伙人|客户|学生|ابن*|بنت*|زوج*|ام|امي|ابي|والد*|جد*|اخ|اخي|اخو*
    اخت*|صديق*|صاحب*|جار*|مدير*|شريك*|زميل*|موظف*|اهل*|اولاد*|اطفال|طفل*|عم*|خال*|معلم*|طلاب`,
  /** Things that are given are to be brought into an order: there is one. */
  inOrder: `
    sort these|sort the following|sort them|rank these|order these|put these in|put them in|put in order|in order of
    in the right order|alphabetical|alphabetically|ascending|descending|earliest first|smallest first|largest first
    oldest first|range ces|classe ces|dans l'ordre|par ordre|ordre alphabétique|ordne|sortiere|der größe nach
    alphabetisch*|ordena estos|ordena estas|orden alfabético|de menor a mayor|de mayor a menor|metti in ordine|ordina
    in ordine|coloca em ordem|ordene|ordem alfabética|sorteer|op volgorde|sortera|i ordning|uporządkuj|posortuj
    по порядку|в порядке|расположи|отсортируй|sırala|排序|从大到小|从小到大|按顺序|並べ|順に|정렬|순서대로|رتب|순서|높은 순|큰 순|작은 순|오래된 순|広い順|高い順
    古い順|早い順|排列|排个|从高到低|من الاكبر|من الاصغر|من الاقدم|من الاعلى|رتب من|büyükten|küçükten|eskiden`,
  /** Of all, or of none. */
  quantified: `
    all|every|everyone|everybody|no|none|nobody|tous|toutes|chaque|aucun|aucune|alle|jeder|jede|jedes|kein|keine
    niemand|todos|todas|cada|ningún|ninguno|ninguna|tutti|tutte|ogni|nessun*|nenhum*|alla|varje|ingen|inga|elke|geen
    wszyscy|wszystkie|każdy|żaden|все|каждый|никто|bütün|her|hiçbir|所有|每个|每只|没有一|すべて|どの|모든`,
  /** By which a question begins whose answer is yes or no. */
  copula: `
    is|are|does|do|must|can|could|est|sont|ist|sind|kann|es|son|puede|è|sono|può|são|pode`,
  /** Something is to be counted. */
  count: `
    count the|count how|count all|compte les|compte combien|zähle|zähl|cuenta las|cuenta los|cuenta cuántas
    cuenta cuántos|conta le|conta gli|conta quante|conta quanti|conte as|conte os|conta as|conta os|tel de|tel hoeveel
    räkna|policz|сосчитай|подсчитай|say bakalım|数一下|数一数|数えて|세어`,
  /** GF3: a text is given, and is to become another one. */
  transform: `
    translate|translation of|summarize|summarise|shorten|rewrite|rephrase|paraphrase|put this into|correct the|fix the
    proofread|continue the|edit the|edit this|make this|spell|traduis|traduire|traduisez|résume|résumez|reformule
    corrige|übersetze|übersetzen|fasse|formuliere|korrigiere|traduce|traducir|reescribe|traduci|riassumi|riscrivi
    correggi|traduz|traduza|resuma|reescreva|vertaal|vat samen|herschrijf|översätt|sammanfatta|przetłumacz|streść
    переведи*|перескажи|çevir*|özetle|翻译|总结一下|概括|改写|訳して|要約|번역|요약|ترجم|لخص`,
  /** GF3: one text is to be written; what it is to say may follow. */
  write: `
    write|draft a|compose|écris|rédige|schreib|schreibe|verfasse|escribe|redacta|scrivi|escreve|escreva|schrijf|skriv
    napisz|напиши|yaz|写|書いて|써|اكتب`,
  /** A thing is asked for by its name. */
  lookUp: `
    how do i|how do you|how to|how can i|how would you say|how would you spell|how would you pronounce
    how would you call|how would you define|comment puis-je|wie kann ich|cómo puedo|come posso|como posso|hur kan jag
    谁|什么是|誰|누가|who|who's|when|where|what is a|what is an|what's a|what's an|define|qui|quand|où|qu'est-ce que
    qu'est-ce qu'un|wer|wann|wo|was ist ein|was ist eine|was bedeutet|quién|cuándo|dónde|qué es un|qué es una|chi
    quando|dove|cos'è|quem|onde|o que é|wat is een|vem|vad är|kto|co to jest|кто|когда|где|что такое|kim|ne demek`,
  /** What is to be written. */
  artefact: `
    letter*|email*|e-mail*|mail|speech|poem*|toast|advert*|ad|note|essay|post|caption*|invitation*|obituary|limerick*
    story|song|lyrics|text|message*|minutes|memo|press release|slogan*|haiku|sonnet|cover letter|reference|bio|blurb
    flyer|poster|announcement|notice|reply|paragraph|sketch|lettre*|courriel*|discours|poeme*|annonce*|texte*|mot
    faire-part|affiche|article|compte rendu|brief|schreiben|rede|gedicht*|anzeige|einladung*|nachricht|geschichte|lied
    absage|zusage|kleinanzeige|bewerbung*|dankeskarte|gluckwunsch*|karte|aushang|protokoll|carta|correo|discurso|poema
    anuncio|invitacion*|mensaje*|texto|cuento|nota|cancion|brindis|felicitacion|cartel|lettera|discorso|poesia
    annuncio|invito|messaggio|testo|racconto|biglietto|filastrocca|verbale|convite|mensagem|bilhete|recado|legenda
    historia|mailtje|toespraak|advertentie|uitnodiging|bericht*|berichtje|tekst*|verhaal|kaartje|brev|mejl|tal|dikt
    annons|inbjudan|meddelande|saga|vers|kort|list|maila|przemowienie|wiersz*|ogloszenie|zaproszenie|wiadomosc|tekst
    opowiadanie|zyczenia|notatka|smsa|письмо|речь|стих*|объявление|приглашение|сообщение|текст|рассказ|поздравлени*
    тост|сказк*|пост|открытк*|mektup|konusma|siir*|ilan|davetiye|mesaj*|metin|hikaye*|e-posta|eposta|kutlama*|masal|信
    邮件|演讲|诗|广告|邀请|短信|文案|故事|祝词|通知|作文|贺卡|朋友圈|公告|メール|手紙|スピーチ|詩|広告|招待|お知らせ|文章|俳句|メッセージ|案内文|挨拶|편지|메일|문자|연설|시 한|광고|초대|안내문|공지
    축사|글|رسالة|رساله|خطاب|قصيدة|قصيده|إعلان|دعوة|دعوه|ايميل|بريد|كلمة|كلمه|قصة|قصه|منشور|dilekçe*|konuşması|올릴 글|멘트
    후기 글|説明文|挨拶文|キャプション|贴文|简介|تهنئه|ملصق|نص`,
  /** Programs, and what they are written in. */
  code: `
    python|sql|regex|bash|css|html|script|function|git|excel|docker|javascript|typescript|java|linux|ubuntu|windows
    json|yaml|api|macro|formula|error|php|rust|react|spreadsheet|fonction|formule|tableur|funktion|formel|tabelle
    fehler|funcion|funzione|foglio|funcao|planilha|functie|kalkylark|funkcja|funkcje|skrypt|функци*|скрипт|код|ошибка
    excel'de|fonksiyon*|formul*|代码|函数|脚本|报错|公式|表格|コード|関数|スクリプト|エラー|エクセル|코드|함수|엑셀|스크립트|오류|كود|دالة|داله|سكريبت|اكسل`,
  /** What is right, and what is fair. */
  ethics: `
    ethic*|moral|morally|fair|unfair|acceptable|defensible|justif*|allowed to|right to|wrong to|okay to|ok to|ought
    ethique|juste|injuste|moralement|gerecht|moralisch|vertretbar|in ordnung|etico|etica|justo|injusto|licito|giusto
    ingiusto|moralmente|certo|errado|eerlijk|ethisch|terecht|rattvist|etiskt|okej att|ratt att|etyczn*|sprawiedliw*
    w porzadku|moralnie|этично|справедлив*|правильно ли|нормально ли|морально|etik|adil|dogru mu|道德|公平|伦理|对吗|合理吗|道義|倫理
    許され|윤리|공정|옳|괜찮을까|أخلاقي|عادل|عدل|هل من الصواب|يجوز`,
  /** Between two ways. */
  either: `
    or|ou|oder|o|oppure|of|eller|lub|albo|или|либо|veya|ya da|yoksa|soit|entweder|either|还是|或者|それとも|または|아니면|أو|أم`,
  /** People are at odds. */
  trouble: `
    quarrel*|argue|arguing|fight|fighting|conflict|complain*|angry|furious|cross|bullied|upset|fed up|row|stuck
    problem|struggling|dispute|keeps|conflit|dispute*|fache*|furieu*|probleme|streit*|sauer|wutend|genervt|gespalten
    pelea*|enfadad*|discutimos|conflicto|problema|litig*|arrabbiat*|briga*|chatead*|conflito|ruzie|boos|brak*|arg
    konflikt|grelar|klotni*|wsciek*|spor|скандал|ссор*|конфликт|злит*|проблем*|спор*|kavga|kizgin|sorun|tartis*
    anlasmazlik|吵架|矛盾|生气|问题|冲突|不满|喧嘩|けんか|揉め|トラブル|問題|不満|싸우|싸움|갈등|문제|불만|화가|خلاف|مشكلة|مشكله|غاضب|شجار|نزاع|girdi
    dayanam*|bıktı*|kararsız|anlaşam*|혼자|힘들|미치|의견이 갈|치매|반대하|不仲|離れ|迷惑|困って|拒否|意見が割|不高兴|拿不定|谈崩|受不了|يزعل|زعلان|يصرخ|متردد*
    احترنا|متوتر|تعبان|ما ينفع|لم ينفع|انقسم*|قسم الناس`,
  /** A thing is asked for by a word that asks. */
  questionWhat: `
    what|what's|whats|quel*|quoi|qu'est|was|que|cosa|che cosa|o que|wat|vad|co|что|ne|nedir|什么|何|なに|뭐|무엇|무슨|ما|ماذا
    ماهو|شو|ايش`,
  /** A thing is asked for by a word that asks. */
  questionWhy: `
    why|pourquoi|warum|wieso|weshalb|por que|porque|perche|waarom|varfor|dlaczego|почему|зачем|neden|niye|niçin|为什么|为何
    なぜ|どうして|왜|لماذا|ليش|لمَ`,
  /** A thing is asked for by a word that asks. */
  questionWho: `
    who|who's|qui|wer|quien|chi|quem|wie is|wie was|wie heeft|vem|kto|кто|kim|谁|誰|누가|누구|من هو|من هي|مين`,
  /** What should be. */
  modalShould: `
    should|shall|ought|sollte*|soll|sollen|deberia*|debo|debemos|tendria*|dovrei|dovremmo|dovrebbe|dovrebbero|devo
    deveria*|devemos|deve|devrait|devrais|devrions|dois|doit|faut|moet|moeten|zou|bor|borde|ska|powini*|trzeba|nalezy
    стоит|следует|нужно|надо|должн*|meli*|mali*|gerek|lazim|应该|该|要不要|べき|ほうがいい|方がいい|해야|할까|좋을까|يجب|ينبغي|هل نقبل|لازم`,
  /** What could be. */
  modalWould: `
    would|could|might|wurde|würde*|konnte|könnte*|wäre|serait|pourrait|podria*|seria|sarebbe|potrebbe|poderia*|zou
    kunnen|skulle|kunde|bylby|byloby|moglb*|бы|olur|olabilir|可以|能不能|でしょうか|だろうか|ません か|을까|ㄹ까`,
  /** On a condition. */
  ifSo: `
    if|si|wenn|falls|se|als|om|jesli|jezeli|если|eger|如果|要是|假如|たら|なら|면|إذا|لو`,
  /** Whoever asks speaks of himself. */
  mine: `
    i|my|me|i'm|im|i've|je|j'ai|mon|ma|mes|moi|ich|mein*|mir|mich|yo|mi|mis|tengo|io|mio|mia|miei|ho|eu|meu|minha
    tenho|ik|mijn|jag|min|mitt|mina|moj*|mam|jestem|я|мой|моя|мне|меня|у меня|ben|benim|bana|我|私|僕|俺|내|나는|저는|제가|우리|أنا
    عندي|ابني|ابنتي|زوجي|زوجتي`,
  /** What is planned, and by what rules. */
  plan: `
    plan|plans|idea|ideas|proposal|concept|strategy|draft|approach*|steps|options|scenario*|schedule|timetable|budget
    policy|rules|programme|projet|idee|idees|proposition|demarche|pistes|etapes|planning|regles|reglement|konzept
    ideen|vorschlag|vorgehen|entwurf|schritte|haushalt|regeln|propuesta|pasos|presupuesto|reglas|proyecto|proposta
    passi|progetto|regole|bilancio|ideia|ideias|passos|orcamento|regras|projeto|voorstel|ideeen|stappen|begroting
    regels|aanpak|forslag|ide|ideer|steg|regler|upplagg|pomysl*|propozycj*|kroki|zasady|budzet|план*|идея|идеи
    предложени*|шаги|правил*|бюджет|plan*|fikir*|oneri*|adim*|kural*|butce|计划|想法|方案|建议|步骤|规则|预算|主意|点子|計画|案|アイデア|提案|ルール
    予算|手順|계획|아이디어|방안|제안|규칙|예산|방법|خطة|خطه|فكرة|فكره|أفكار|اقتراح|قواعد|ميزانية|استراتيجية`,
  /** Where people live and work together. */
  place: `
    village|parish|council|club|school|company|committee|board|town|community|association|startup|department|customers
    commune|mairie|ecole|entreprise|conseil|quartier|dorf|gemeinde|verein|schule|firma|betrieb|stadt|rathaus|vorstand
    pueblo|ayuntamiento|escuela|colegio|empresa|asociacion|barrio|comunidad|paese|comune|scuola|azienda|associazione
    ditta|condominio|vila|escola|associacao|bairro|prefeitura|dorp|gemeente|vereniging|bedrijf|byn|kommun*|forening*
    skola*|foretag*|wies|wsi|gmina|gminie|szkol*|firm*|stowarzyszeni*|klub*|деревн*|сел*|школ*|фирм*|компани*|клуб*
    город*|koy*|okul*|sirket*|dernek*|belediye*|mahalle*|村|学校|公司|小区|社区|俱乐部|协会|店|町内会|会社|クラブ|自治会|마을|학교|회사|동호회|아파트|모임|가게
    قرية|قريتنا|مدرسة|المدرسة|شركة|الشركة|نادي|جمعية|الحي|بلدية`,
  /** Something is to be explained. */
  explain: `
    explain|tell me|define|meaning|means|mean|show me|what is|what's|what are|explique*|dis-moi|definition|definis
    signifie|veut dire|c'est quoi|erklar*|sag mir|bedeutet|heißt|was ist|was sind|explica*|dime|significa|que es
    spiega*|dimmi|cos'e|che cos'e|explique|me diz|o que e|leg uit|vertel|betekent|wat is|forklara|beratta|betyder
    vad ar|wyjasnij|wytlumacz|powiedz|znaczy|oznacza|co to|объясни*|расскажи*|значит|означает|что такое|acikla|anlat
    ne demek|nedir|解释|介绍|讲讲|是什么|什么意思|说明|説明|教えて|とは|意味|설명|알려|뜻|이란|اشرح|فسر|ما هو|ما هي|ماهو|معنى|يعني`,
  /** Greetings and thanks. */
  thanks: `
    thanks|thank you|hi|hello|hey|good morning|good evening|bye|merci|bonjour|salut|danke|hallo|guten morgen|moin
    tschuss|gracias|hola|buenos dias|grazie|ciao|buongiorno|obrigad*|ola|oi|bom dia|bedankt|dank je|goedemorgen|tack
    hej|god morgon|dzieki|dziekuje|czesc|dzien dobry|спасибо|привет|здравствуй*|доброе утро|tesekkur*|merhaba|selam
    gunaydin|谢谢|你好|早上好|嗨|ありがとう|こんにちは|おはよう|감사|고마워|안녕|شكرا|مرحبا|السلام عليكم|صباح`,
  /** What speaks for a thing, and against it. */
  value: `
    worth|benefit*|risk*|advantage*|drawback*|downside*|catch|sense|wise|sensible|risque*|avantage*|inconvenient*
    interet|utile|lohn*|risik*|vorteil*|nachteil*|sinn|sinnvoll|riesgo*|ventaja*|desventaja*|inconveniente*|sentido
    rischi*|vantagg*|svantagg*|senso|risco*|vantage*|desvantage*|risico*|voordel*|nadel*|zin|fordel*|nackdel*|vart
    ryzyk*|zalet*|wad*|sens|warto|риск*|плюс*|минус*|смысл|avantaj*|dezavantaj*|mantikl*|风险|好处|坏处|利弊|值|划算|リスク|利点|欠点
    意味ある|損|得|위험|장점|단점|의미|مخاطر|فوائد|عيوب|مزايا|سلبيات|ايجابيات`,
  /** What a program says. */
  prints: `
    print|prints|printed|output|outputs|evaluate*|affiche|imprime|renvoie|gibt aus|ausgibt|gibt das aus|kommt raus
    ausgabe|devuelve|stampa|restituisce|retorna|uitvoer|print dit|skriver ut|skrivs ut|wypisze|wyświetli|zwróci
    выведет|напечатает|вернет|yazdırır|çıktı|ekrana|输出|打印|出力|表示され|출력|찍히|يطبع|تطبع|الناتج|المخرج`,
  /** What follows from what. */
  follows: `
    follow|follows|imply|implies|conclude|conclusion|valid|argument|holds|logically|therefore|necessarily|for sure
    en déduire|peut-on conclure|forcément|logiquement|donc|folgt|daraus|logisch|zwingend|schluss|se deduce|se sigue
    lógicamente|por fuerza|necesariamente|segue|per forza|se ne deduce|conclui|necessariamente|volgt|hieruit
    noodzakelijk|följer|slutsats|logiskt|wynika|wniosek|logicznie|следует ли|значит ли|вывод|обязательно|логически
    çıkar mı|sonuç|mantıken|推出|推理|能不能说|能说明|一定|推論|と言える|成り立|必ず|결론|추론|논리|맞나|맞아|يستنتج|نستنتج|بالضرورة|منطقيا|هل يعني`,
  /** Right and wrong. */
  correct: `
    correct|right|true|false|wrong|stimmt|richtig|falsch|vrai|faux|correcto|verdad|verdadero|falso|cierto|giusto|vero
    corretto|certo|verdade|correto|klopt|waar|juist|onwaar|stämmer|sant|falskt|rätt|prawda|fałsz|zgadza się|poprawn*
    верно|правда|неверно|ложь|doğru|yanlış|对吗|对不对|正确|错误|对错|属实|正しい|間違|合って|本当|ですか|맞아|틀려|참|거짓|사실|맞나요|맞습니까|صح|خطا|صحيح|غلط`,
  /** People are to be brought to something. */
  persuade: `
    persuade|convince|motivate|deal with|dealing with|handle|bring up|cope|attract|survive|get rid|reduce|keep up
    save the|split|share|divide|introduce|raise|encourage|stop them|get people|get them|convaincre|motiver|gérer
    relancer|attirer|réduire|annoncer|partager|répartir|faire venir|überzeugen|motivieren|umgehen|kriegen wir
    bekommen wir|reduzieren|beibringen|aufteilen|retten|überleben|convencer|motivar|gestionar|atraer|reducir
    conseguir que|lograr|convincere|motivare|gestire|attirare|ridurre|dividere|salvare|lidar|atrair|reduzir|dividir
    conseguir|overtuigen|motiveren|omgaan|aantrekken|verminderen|verdelen|overeind|krijgen we|övertyga|motivera
    hantera|locka|minska|dela|rädda|få fler|przekonać|zachęcić|zmotywować|radzić|poradzić|ograniczyć|podzielić
    uratować|przyciągnąć|убедить|мотивировать|справиться|привлечь|уменьшить|разделить|сократить|спасти|уговорить|ikna
    motive|başa çık*|azalt*|paylaş*|çekmek|kurtar*|说服|激励|应对|处理|吸引|减少|分配|挽救|改善|提高|说得|説得|減らす|減らし|増やす|増やし|対処|分ける|分担|集める
    盛り上げ|続ける|설득|동기|대처|줄이|늘리|나누|살리|끌고|모으|올릴|اقناع|اقنع|تحفيز|التعامل|تقليل|جذب|نقسم|توزيع|انقاذ|geri getir*
    ne yapılabilir|halled*|끌어올|풀어갈|풀어야|살릴|늘릴|모을|나눌|集客|呼び戻|どうする|どうしたら|どうやって|乗り切|拉回|留住|نعيد|نرفع|نزيد|نقلل|نجذب|نحل
    كيف نقدر|كيف نخلي|كيف اتعامل|كيف اقنع`,
  /** Somebody cannot choose. */
  torn: `
    torn|hesitat*|undecided|unsure|dilemma|choose|choosing|choice|decision|decide|hésit*|indécis*|choisir|choix
    trancher|unentschlossen|schwank*|entscheid*|wahl|zwischen|dudo|dudas|indeciso|elegir|decidir|indecisa|scegliere
    scelta|decidere|decisione|in dubbio|dúvida|escolher|escolha|decisão|twijfel*|kiezen|keuze|beslis*|tveka*|välja|val
    bestämma|beslut*|waha*|wybrać|wybór|decyzj*|zdecydować|dylemat|сомнева*|выбрать|выбор|решить|решени*|колебл*
    kararsız*|seçmek|seçim|karar*|seçeyim|纠结|犹豫|选择|选哪|决定|夹在|两难|拿不定|迷って|迷う|悩|選ぶ|決め|決断|板挟み|망설|고민|선택|결정|고를|갈등|محتار*
    متردد*|اختار|اختيار|قرار|احترت|نقرر`,
  /** Whether to, in languages that have an ending for it. */
  whether: `
    czy|ли|mı|mi|mu|mıyım|miyim|mıyız|miyiz|要不要|该不该|能不能|是不是|好不好|生不生|吗|かどうか|べきか|たほうが|ほうがいい|方がいい|どちらが|どっちが|할까|을까|ㄹ까|갈까
    볼까|살까|둘까|일까|하나요|할지|갈지|먼저냐|아니면|나을까|나을지|낫나|나은가|낫지|어떨까|좋을까|좋을지|해야 하나|해야 할지|해야 하는지|허용해야|말까|말지|될까|될지|هل|ايهما|اما|ولا`,
  /** Sides, and who takes them. */
  views: `
    views|perspectives|viewpoints|sides|arguments|case for|case against|for and against|pro|con|contra|stance|opinion*
    debate|points de vue|avis|débat|perspektiven|sichtweisen|seiten|argumente|meinung*|spricht für|spricht dagegen
    spricht wofür|puntos de vista|perspectivas|opiniones|argumentos|punti di vista|prospettive|pareri|opinioni
    argomenti|pontos de vista|opiniões|invalshoeken|standpunten|meningen|argumenten|synpunkter|perspektiv|åsikter
    argument|punkty widzenia|spojrzenia|opinie|argumenty|strony|точки зрения|мнени*|аргумент*|доводы|сторон*|взгляд*
    bakış açı*|görüş*|argüman*|观点|角度|看法|正反|立场|论点|視点|観点|立場|賛否|意見|論点|관점|시각|찬반|입장|의견|وجهات نظر|وجهه نظر|اراء|حجج|راي|رايك`,
  /** A plan is to be taken apart. */
  critique: `
    critique|criticise|criticize|brutal|pick holes|holes in|tear|feedback on|what's wrong with|rate my|assess
    weak points|weaknesses|blind spots|points faibles|sans pitié|démonte|zerpflück*|zerleg*|kritisier*|schwächen|haken
    wo hakt|critica|destroza|fallos|puntos flacos|smonta|debolezze|cosa non va|detona|falhas|bekritiseer|zwakke|kraak
    haal onderuit|kritisera|såga|svagheter|brister|skrytykuj|słabe punkty|wady|co jest nie tak|критик*|раскритикуй
    слабые|разнеси|eleştir*|zayıf|açık*|挑刺|批评|漏洞|毛病|问题在哪|批判|弱点|穴|ダメ出し|ツッコ|비판|약점|허점|문제점|انتقد|نقاط الضعف|ثغرات|عيوب
    fikrimi|이 아이디어|내 아이디어|솔직하게|꼬집|ここがダメ|率直に|辛口|说说我|不足|انقد|انتقد*|بصراحه|قيم فكرتي`,
  /** Something is to be built up and run. */
  design: `
    build|set up|organi*|structure|sketch|outline|schedule|programme|syllabus|concept|prioriti*|negotiat*|manage|steps
    aménager|monter|structurer|priorités|prioriser|négocier|conception|aufbauen|aufziehen|strukturier*|priorisier*
    verhandel*|gestalten|organisieren|gründen|montar|organizar|estructurar|priorizar|negociar|organizzare|strutturare
    dare priorità|negoziare|impostare|estruturar|opzetten|inrichten|organiseren|prioriteiten|onderhandel*|lägga upp
    organisera|prioritera|förhandla*|bygga upp|zorganizować|ułożyć|ułóż|rozplanuj|negocj*|priorytet*|организовать
    распределить|приоритет*|договориться|переговор*|построить|düzenle*|organize|kurmak|öncelik*|pazarlık|安排|组织|布局|优先
    谈判|怎么办好|分工|筹办|立ち上げ|段取り|優先|交渉|組み立て|進め方|配置|기획|짜줘|짜 줘|세워|우선순위|협상|구성|배치|준비하|نظم|تنظيم|رتب|نفاوض|تفاوض|اولويات|تصميم
    اصمم`,
} as const;
