/**
 * Words by which a request shows what it wants, in the languages that people here write.
 *
 * Owns: the words. Does not own: what they weigh, or what else shows it (gate.ts). A word is written as anybody would,
 * `*` at its end stands for any ending; case, accents and the width of letters do not matter, since both sides are
 * folded. Where a language has none of its words here, its requests are judged by their shape alone.
 *
 * @module
 */

/** A question whose answer is yes or no, or true or false. */
const verdict = `
  true or false|true, false|yes or no|right or wrong|correct or incorrect|is it true that|vrai ou faux|oui ou non
  est-il vrai|richtig oder falsch|wahr oder falsch|ja oder nein|stimmt es|verdadero o falso|sí o no|es cierto que
  vero o falso|sì o no|verdadeiro ou falso|sim ou não|waar of onwaar|waar of niet|ja of nee|sant eller falskt
  ja eller nej|prawda czy fałsz|tak czy nie|верно ли|правда ли|да или нет|doğru mu|evet mi|判断对错|是对是错|对还是错|是否正确|是或否
  正しいか|はいかいいえ|맞습니까|참인지|صح أم خطأ`;

/** What is asked for is a number. */
const quantity = `
  how many|how much|how long|how far|how fast|how tall|how old|at what time|which day|what day|day of the week
  what time will|which year|what age|wie spät|combien|à quelle heure|quel jour|quel âge|wie viel|wie viele|wieviel
  wieviele
  wie lange|wie schnell|wie weit|wie alt|an welchem tag|welcher wochentag|cuánto|cuánta|cuántos|cuántas|qué edad
  qué día|quanto|quanta|quanti|quante|quantos|quantas|hoeveel|hur många|hur mycket|ile to|ile jest|ile razy|ile lat
  ile kosztuje|ile dni|сколько|kaç|多少|几个|几只|几天|几次|几点|いくつ|いくら|何個|何人|何分|何時間|얼마|몇|كم`;

/** Something is to be worked out. */
const calculate = `
  calculate|compute|solve|simplify|convert|work out the|add up|what comes next|round to|calcule|calculez|résous
  résoudre|simplifie|convertis|berechne|rechne|löse|vereinfache|wandle|was ist die summe|calcula|calcular|resuelve
  simplifica|convierte|calcola|risolvi|converti|resolva|converta|bereken|los op|beräkna|lös|räkna ut|oblicz|rozwiąż
  вычисли*|посчитай*|реши|hesapla*|çöz|计算|求解|解方程|算一下|換算|换算|計算|求めよ|求めて|계산|احسب`;

/** Words of arithmetic and of simple mathematics. */
const mathematics = `
  sum of|product of|divided by|divisible|multiplied by|prime|square root|cube root|derivative|integral|average
  remainder|percent|percentage|probability|in total|total amount|altogether|area of|volume of|angle|greatest common
  chance of|odds of|likelihood of|quarters|thirds|take away|le double de|le triple de|das doppelte von|el doble de
  il doppio di|o dobro de|两倍|三倍|least common|next number|consecutive|sequence|equation|fraction|perimeter|au total
  en tout|aire de|divisé par
  nombre premier|moyenne|pourcent*|probabilité|vitesse moyenne|racine carrée|équation|périmètre|insgesamt
  flächeninhalt|volumen|geteilt durch|primzahl*|prozent|durchschnitt*|wahrscheinlichkeit|quadratwurzel|gleichung
  umfang|teilbar|en total|área de|dividido|número primo|por ciento|promedio|probabilidad|raíz cuadrada|ecuación
  velocidad media|diviso|numero primo|per cento|la media|velocità media|velocidade média|probabilità|por cento
  primtal|priemgetal|простое число|процент*|среднее|вероятность|yüzde|asal|liczba pierwsza|procent|质数|素数|百分之|平均|概率
  確率|方程|除以|乘以|割合|소수|평균|확률|곱하기|나누기|더하기|빼기`;

/** Small numbers that are written out. */
const numerals = `
  two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|half|twice|deux|trois|quatre|cinq|sept|huit|neuf
  dix|douze|moitié|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|hälfte|dos|tres|cuatro|cinco|seis|siete
  ocho|nueve|diez|doce|mitad|due|tre|quattro|cinque|sette|otto|nove|dieci|dodici|dois|duas|três|quatro|sete|oito|dez
  doze|twee|drie|vijf|zes|två|fyra|fem|dwa|trzy|pięć|два|две|три|пять|iki|üç|beş`;

/** Letters of a word are to be counted. */
const letters = `
  r's|s's|e's|letter|letters|vowels|consonants|syllables|times does|occur|occurs|lettres|voyelles|buchstabe*|vokale
  silben|letras|vocales|sílabas|lettere|vocali|vogais|букв|гласных|字母|笔画|文字`;

/** One of several is right. */
const oneOfThese = `
  which of these|which of the following|does it follow|logically follow|valid argument|argument hold
  one of the following|correct answer|right answer|correct option|odd one out|does not belong|doesn't belong
  laquelle de ces|lequel de ces|bonne réponse|parmi les suivants|l'intrus|welche der folgenden|welcher der folgenden
  welches der folgenden|richtige antwort|welche antwort|passt nicht|cuál de estos|cuál de estas
  cuál de los siguientes|cuál de las siguientes|respuesta correcta|quale di questi|quale delle seguenti
  risposta corretta|qual destes|qual das seguintes|resposta correta|welk van de volgende|juiste antwoord
  vilket av följande|rätt svar|który z|która z|какой из|правильный ответ|hangisi|下面哪|下列|以下哪|正确答案|次のうち|正しい答え|正しいもの
  다음 중|정답`;

/** Something that stands in a text is to be taken out of it. */
const extract = `
  extract|pull out|pick out|extrais|extraire|extrahiere|extrae|extraer|estrai|extraia|haal uit|extrahera|извлеки*
  wyodrębnij|提取|抽取|抽出|추출|استخرج`;

/** A text is named as the source of an answer. */
const source = `
  in this text|in the text|in the following|from this text|from the text|from the following|from this message
  this log|dans ce texte|de ce texte|texte suivant|in diesem text|aus diesem text|im folgenden text|en este texto
  de este texto|in questo testo|dal testo|neste texto|do texto|in deze tekst|i den här texten|из текста|в тексте|文中
  这段话|この文`;

/** Something that is there already is asked for. */
const fetch = `
  find|return|list|give me only|only the|trouve|donne-moi|cite|finde|nenne|encuentra|busca|dame
  trova|dammi|encontra|vind|noem|hitta|znajdź|найди|назови|bul|找出|列出|見つけ|찾아`;

/** Something is to be put into one of a few classes. */
const classify = `
  classify|categorize|categorise|label this|label each|label as|the sentiment|positive or negative
  positive, negative|good or bad|polite or rude|formal or informal|fake or real|spam or not|classifie|classer
  klassifiziere|einordnen|positiv oder negativ|clasifica
  positivo o negativo|classifica|classifique|classificeer|klassificera|классифицируй*|sklasyfikuj|sınıflandır|分类|分類
  情感|분류`;

/** Somebody stands before a decision. */
const decide = `
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
  बेहतर होगा|करना चाहिए|क्या हमें|क्या मुझे`;

/** Somebody wants to hear what others think. */
const opinion = `
  thoughts?|any thoughts|what do you think|your opinion|your view|your advice|any advice|i'm torn|can't decide
  not sure if|not sure whether|what are my options|what are our options|does it make sense to|is it smart to
  would it be better|qu'en penses-tu|qu'en pensez-vous|ton avis|votre avis|j'hésite|on hésite|nous hésitons
  que me conseilles-tu|was denkst du|was meinst du|was meint ihr|was hältst du|deine meinung|was rätst du
  unschlüssig|ich bin unsicher|qué opinas|qué piensas|qué te parece|no sé si|dudo entre|qué me aconsejas|tu opinión
  cosa ne pensi|che ne pensi|non so se|che ne dici|il tuo parere|o que achas|o que você acha|não sei se|na dúvida
  wat vind je|wat denk je|ik twijfel|vad tycker du|jag tvekar|co myślisz|co sądzisz|nie wiem czy|как думаешь
  что думаешь|что думаете|не знаю стоит|посоветуй*|твоё мнение|ne dersin|ne düşünüyorsun|kararsızım|你怎么看|你觉得|怎么看待
  怎么办|该怎么|纠结|意见|看法|どう思|どうしたら|意見|アドバイス|悩んで|어떻게 생각|의견|조언|고민|ما رأيك|نصيحتك`;

/** Whoever asks speaks for several people. */
const ours = `
  we|our|ours|us|nous|notre|nos|wir|unser*|nosotros|nosotras|nuestr*|tenemos|queremos|noi|nostro|nostra|nossa|nosso
  nós|temos|ons|onze|wij|vi|vår|våra|nasz*|mamy|мы|нас|наш*|biz|bizim|我们|咱们|私たち|うちの|弊社|우리|نحن|لدينا`;

/** What does not exist yet is spoken of; a polite `could you` is not. */
const conditional = `
  would be|would it|would that|would a|would the|would our|would you do|would you choose|would you suggest
  would you put|could be|could we|could a|could the|we could|might be|might we|we might|what if|wäre|würden
  könnten wir|könnte man|serait|pourrait|pourrions|ferais|feriez|sería|podría ser|podríamos|harías|sarebbe|potrebbe
  potremmo|seria|poderia ser|poderíamos|zou|zouden|skulle|byłoby|mógłby|можно было бы|было бы|olurdu|如果|要是|もし|만약`;

/** A good way is asked for: often there is one, and it is known. */
const manner = `
  best way to|fair way to|good way to|right way to|best practice|best practices|la meilleure façon|meilleure manière
  am besten|beste weg|mejor manera|mejor forma|il modo migliore|melhor forma|melhor maneira|beste manier
  bästa sättet|najlepszy sposób|лучший способ|en iyi yol|最好的方法|最佳方法|一番いい方法|가장 좋은 방법|أفضل طريقة`;

/** Reasons are asked for along with an answer. */
const reasons = `
  and why|why there|your reasons|et pourquoi|und warum|y por qué|e perché|e por quê|en waarom|och varför|i dlaczego
  и почему|ve neden|为什么|理由`;

/** Something with many parts is to be thought up. */
const devise = `
  plan a|plan an|plan the|plan our|plan my|help me plan|help us plan|make a plan|plan for|design|architect
  architecture|brainstorm|propose|proposal|roadmap|strategy|strategies|concept for|come up with|draft a policy
  outline a|planifie*|élabore*|conçois|concevoir|organise un|organise une|organise le|organise la|organiser|plan de
  stratégie|feuille de route|imagine un|plane ein|plane eine|plane einen|plane unser*|plane die|plane den|planen
  entwirf|entwerfen|entwickle|konzept|strategie|fahrplan|vorschlag|brainstorming|planifica*|diseña*|elabora|propón
  estrategia|hoja de ruta|un plan|lluvia de ideas|organiza|pianifica*|progetta*|proponi|strategia|un piano|planeja*
  planeia|projete|desenha|estratégia|um plano|maak een plan|plan een|ontwerp|strategie voor|bedenk|planera|utforma
  föreslå|strategi|en plan|zaplanuj|zaprojektuj|zaproponuj|спланируй*|разработай*|предложи|стратеги*|составь план
  план|planla*|tasarla*|öner|strateji*|bir plan|设计|规划|计划|策划|方案|策略|制定|头脑风暴|計画|設計|戦略|提案|企画|계획|설계|전략|제안|خطة|صمم
  استراتيجية`;

/** Two or more things are to be held against each other. */
const compare = `
  compare|comparison of|versus|vs|trade-off*|tradeoff*|trade off*|pros and cons|advantages and disadvantages
  weigh up|weigh the|both sides|upsides and downsides|benefits and drawbacks|argue for|arguments for|debate whether
  let's debate|evaluate the|evaluate our|evaluate whether|assess the|assess our|pros|cons|comparez|comparer
  comparons|avantages et|les inconvénients|pour et contre|le pour et le contre|évalue|vergleich*|vor- und nachteile
  vorteile und nachteile|vor und nachteile|was spricht für|abwägen|bewerte|pro und contra|compara*|ventajas y
  desventajas|pros y contras|a favor y en contra|evalúa|evaluar|confronta|vantaggi e|pro e contro|svantaggi
  vantagens e|desvantagens|prós e|vergelijk|voor- en nadelen|voors en tegens|jämför|för- och nackdelar|fördelar och
  porównaj|wady i zalety|zalety i wady|сравни*|плюсы и минусы|за и против|преимущества и|karşılaştır*|artıları
  avantaj*|比较一下|请比较|比较下|相比|对比|优缺点|利弊|优劣|比較|メリット|長所と短所|議論|비교|장단점|قارن|مزايا`;

/** A way out of a situation is asked for, and there are many. */
const improve = `
  what are we doing wrong|what am i doing wrong|what could we do|ways to|ideas for|ideas to|a way for us to
  think through|what happens if we|find a solution|find a compromise|find an arrangement|different ideas
  different ways|different models|different approaches|several approaches|how can we|how could we|how might we
  what are the risks|where are the risks|the risks of|what could go wrong|what can go wrong|what should i do
  what can we do|improve our|idées pour|trouver un compromis|trouver une solution|plusieurs approches
  comment améliorer|comment réduire|comment pourrions-nous|comment pouvons-nous|comment faire pour|quels risques
  ideen für|kompromiss finden|lösung finden|was machen wir falsch|mehrere ansätze|wie können wir|wie könnten wir
  wie könnte man|wie sollten wir|welche risiken|verbessern|ideas para|encontrar una solución|qué hacemos mal
  cómo podemos|cómo podríamos|cómo mejorar|cómo reducir|qué riesgos|idee per|ideias para|come possiamo|come potremmo
  come migliorare|como podemos|como poderíamos|como melhorar|hoe kunnen we|hoe kunnen wij|hur kan vi|hur skulle vi
  jak możemy|jak mogłibyśmy|как нам|как можно улучшить|nasıl geliştir*|nasıl artır*|点子|办法|如何提高|如何改善|如何改进|怎样才能|アイデア
  どうすれば|어떻게 하면|كيف يمكننا`;

/** Somebody wants something, or would rather not. */
const wish = `
  want|wants|wanted|prefer|prefers|would rather|i'd rather|we'd rather|insists|insist|refuses|refuse|thinking of
  thinking about|tempted|veut|veulent|voudrait|voudrais|aimerait|aimerais|préfère|préfèrent|envie de|will nicht
  will lieber|will unbedingt|wollen|möchte|möchten|lieber|weigert|quiere|quieren|quiero|queremos|prefiere|prefiero
  prefieren|se niega|vuole|vogliono|vorrei|vorrebbe|preferisce|preferisco|preferirei|quer|querem|quero|prefere|prefiro
  wil|willen|liever|vill|föredrar|hellre|chce|chcą|chcę|wolę|woli|хочет|хочу|хотят|хотим|предпочита*|istiyor*|想|愿意|希望
  したい|欲しい|싶|원해|يريد|أريد|نريد`;

/** People whose lives are touched by what comes of it. */
const people = `
  boss|manager|landlord|landlady|tenant|tenants|wife|husband|partner|girlfriend|boyfriend|cofounder|co-founder|son
  daughter|kids|children|mother|mum|mom|father|dad|parents|grandma|grandpa|grandmother|grandfather|sister|brother|family
  neighbour*|neighbor*|colleague*|coworker*|team|teams|staff|employees|volunteers|members|customers|residents|roommate
  flatmate|patronne|associé*|mari|fils|fille|enfants|voisin*|collègue*|équipe|employés|propriétaire|chefin|mein chef
  mein mann|meine frau|sohn|tochter|kinder|eltern|nachbar*|kolleg*|mitarbeiter*|vermieter*|mitbewohner*|jefe|jefa|socio
  socia|marido|mi mujer|hijo|hija|hijos|mis padres|vecin*|compañer*|equipo|emplead*|mio capo|marito|moglie|figlio|figlia
  figli|genitori|colleghi|chefe|sócio|sócia|esposa|filho|filha|filhos|meus pais|vizinh*|colegas|equipe|baas|mijn man
  vrouw|zoon|dochter|kinderen|ouders|buren|collega*|min man|min fru|dotter|barnen|föräldrar|grannar*|szef|mąż|żona|córka
  dzieci|rodzice|sąsie*|начальник|муж|жена|дочь|дети|родители|сосед*|коллег*|команда|patronum|eşim|oğlum|kızım|老板|老公|老婆
  儿子|女儿|孩子|父母|邻居|同事|员工|大家|房东|上司|息子|両親|同僚|社員|상사|남편|아내|부모님|이웃|동료|직원`;

/** What is not easily undone. */
const stakes = `
  quit|resign|sell|selling|buy out|move to|move back|move abroad|marry|divorce|retire|invest|hire|fire|lay off|shut down
  close down|drop out|raise money|debt|debts|mortgage|loan|savings|loses money|lose money|losing money|bankrupt|merge
  démissionner|vendre|déménager|épouser|divorcer|retraite|investir|embaucher|licencier|arrêter|dette|dettes|emprunt
  perd de l'argent|kündigen|verkaufen|umziehen|heiraten|scheidung|rente|investieren|einstellen|entlassen|schulden|kredit
  renunciar|vender|mudar*|casar*|divorci*|jubilar*|invertir|contratar|despedir|cerrar|deuda|deudas|hipoteca
  pierde dinero
  dimettermi|vendere|trasferir*|sposar*|investire|assumere|licenziare|chiudere|debito|debiti|mutuo|demitir|investir
  fechar
  dívida|dívidas|ontslag|verkopen|verhuizen|trouwen|investeren|schuld|schulden|säga upp|sälja|flytta|gifta|skuld
  sprzedać
  rzucić|przeprowadz*|dług|уволиться|продать|переехать|пожениться|долг*|кредит|istifa|satmak|taşın*|borç|辞职|离婚|卖掉|搬家|搬到
  贷款|投资|倒闭|退学|裁员|辞め|離婚|引っ越|借金|投資|그만두|이혼|이사|빚|투자|استقيل|أبيع`;

/** On the one hand, and on the other. */
const contrast = `
  but|though|although|however|hmm|mais|pourtant|aber|doch|obwohl|pero|aunque|però|eppure|mas|porém|maar|echter|men
  ale|jednak|но|однако|ama|fakat|可是|但是|不过|但|でも|けど|하지만|는데|لكن`;

/** Somebody does not know what to do. */
const hesitates = `
  don't know what to do|no idea what to do|not sure what to do|part of me|in two minds|on the fence|make up my mind
  sais pas quoi faire|sais pas trop|sais plus quoi|weiß nicht, was|weiß nicht ob|weiß nicht, ob|hin- und hergerissen
  no sé qué hacer|no sé muy bien|non so cosa|non so che|não sei o que|weet niet wat|weet niet of|vet inte vad
  vet inte om
  nie wiem co|не знаю, что|не знаю что|ne yapacağımı|ne yapsam|不知道怎么办|不知道该|どうしよう|어떡하|어쩌면 좋`;

/** Somebody wants to be contradicted, or won over. */
const contradict = `
  convince me|convince us|talk me into|talk me out of|poke holes|devil's advocate|tear this apart|pick this apart
  challenge this|challenge my|challenge our|what am i missing|what are we missing|convaincs-moi|convainquez-moi
  avocat du diable|qu'est-ce qui m'échappe|überzeuge mich|überzeug mich|advocatus diaboli|was übersehe|was übersehen
  schwachstellen|convénceme|abogado del diablo|puntos débiles|convincimi|avvocato del diavolo|punti deboli|convence-me
  convença-me|advogado do diabo|pontos fracos|overtuig me|advocaat van de duivel|övertyga mig|djävulens advokat
  przekonaj mnie|adwokat diabła|убеди меня|адвокат дьявола|beni ikna|说服我|唱反调|挑毛病|説得して|反論して|설득해|반박해`;

/** Whoever is asked is to put himself in a place. */
const inPlace = `
  how would you|imagine you|imagine we|suppose we|if you were|comment ferais-tu|comment feriez-vous|imagine que
  wie würdest du|wie würdet ihr|stell dir vor|cómo harías|imagina que|come faresti|come fareste|immagina di|como farias
  como você faria|imagine que você|hoe zou je|hoe zouden|stel je voor|hur skulle du|föreställ dig|jak byś|wyobraź sobie
  как бы ты|как бы вы|представь*|sen olsan|nasıl yapardın|如果你是|换成你|もしあなた|あなたなら|너라면|당신이라면`;

/** Things that are given are to be brought into an order: there is one. */
const inOrder = `
  sort these|sort the following|sort them|rank these|order these|put these in|put them in|put in order|in order of
  in the right order|alphabetical|alphabetically|ascending|descending|earliest first|smallest first|largest first
  oldest first|range ces|classe ces|dans l'ordre|par ordre|ordre alphabétique|ordne|sortiere|der größe nach
  alphabetisch*|ordena estos|ordena estas|orden alfabético|de menor a mayor|de mayor a menor|metti in ordine|ordina
  in ordine|coloca em ordem|ordene|ordem alfabética|sorteer|op volgorde|sortera|i ordning|uporządkuj|posortuj
  по порядку|в порядке|расположи|отсортируй|sırala|排序|从大到小|从小到大|按顺序|並べ|順に|정렬|순서대로|رتب`;

/** Of things that are given, the one that is more. */
const whichIsMore = `
  which is|which one is|which weighs|which has more|which costs|who is the|who's the|lequel est|laquelle est
  qui est le plus
  was ist größer|was ist mehr|welche ist|welcher ist|welches ist|cuál es más|cuál es mayor|cuál es menor|quién es
  qual è più|chi è il più|qual é maior|qual é mais|welke is|wat is groter|vilken är|vad är störst|co jest większe
  что больше|кто из|hangisi daha|哪个更|哪个大|谁最|どちらが大き|どっちが|어느 것이 더`;

/** Of all, or of none: what follows from it can be right or wrong. */
const quantified = `
  all|every|everyone|everybody|no|none|nobody|tous|toutes|chaque|aucun|aucune|alle|jeder|jede|jedes|kein|keine|niemand
  todos|todas|cada|ningún|ninguno|ninguna|tutti|tutte|ogni|nessun*|nenhum*|alla|varje|ingen|inga|elke|geen|wszyscy
  wszystkie|każdy|żaden|все|каждый|никто|bütün|her|hiçbir|所有|每个|每只|没有一|すべて|どの|모든`;

/** By which a question begins whose answer is yes or no. */
const copula = `
  is|are|does|do|must|can|could|est|sont|ist|sind|kann|es|son|puede|è|sono|può|são|pode`;

/** Several of them are asked for, at the end of a request. */
const ideas = `
  ideas|suggestions|opinions|idées|ideen|vorschläge|sugerencias|consejos|idee|suggerimenti|ideias|sugestões|ideeën
  idéer|förslag|pomysły|идеи|点子|建议|アイデア|아이디어`;

/** Something is to be counted. */
const count = `
  count the|count how|count all|compte les|compte combien|zähle|zähl|cuenta las|cuenta los|cuenta cuántas|cuenta cuántos
  conta le|conta gli|conta quante|conta quanti|conte as|conte os|conta as|conta os|tel de|tel hoeveel|räkna|policz
  сосчитай|подсчитай|say bakalım|数一下|数一数|数えて|세어`;

/** A thing is asked for by a word that asks. */
const asks = `
  difference|differences|meaning|différence|unterschied|diferencia|differenza|diferença|verschil|skillnad|różnica
  разница|fark|区别|違い|차이|who|what|what's|when|where|which|why|how|qui|quoi|quand|où|comment|pourquoi|combien|quel*|wer
  was|wann|wo|wie|warum
  welche*|quién|qué|cuándo|dónde|cómo|cuál|chi|cosa|quando|dove|come|perché|quale|quem|onde|como|qual|wat|waar|hoe
  waarom
  vem|vad|var|hur|varför|kto|co|kiedy|gdzie|jak|dlaczego|кто|что|когда|где|как|почему|kim|ne|nasıl|neden|谁|什么|哪|怎么|吗|呢
  几|何
  誰|どこ|いつ|なぜ|누가|뭐|무엇|언제|어디|왜|من|ماذا|متى|أين|كيف|لماذا`;

/** A text is given, and is to become another one. */
const transform = `
  translate|translation of|summarize|summarise|shorten|rewrite|rephrase|paraphrase|put this into|correct the|fix the
  proofread|continue the|edit the|edit this|make this|spell|traduis|traduire|traduisez|résume|résumez|reformule
  corrige|übersetze|übersetzen|fasse|formuliere|korrigiere|traduce|traducir|resume|reescribe|traduci|riassumi
  riscrivi|correggi|traduz|traduza|resuma|reescreva|vertaal|vat samen|herschrijf|översätt|sammanfatta|przetłumacz
  streść|переведи*|перескажи|çevir*|özetle|翻译|总结一下|概括|改写|訳して|要約|번역|요약|ترجم|لخص`;

/** One text is to be written; what it is to say may follow. */
const write = `
  write|draft a|compose|écris|rédige|schreib|schreibe|verfasse|escribe|redacta|scrivi|escreve|escreva|schrijf|skriv
  napisz|напиши|yaz|写|書いて|써|اكتب`;

/** A thing is asked for by its name. */
const lookUp = `
  how do i|how do you|how to|how can i|how would you say|how would you spell|how would you pronounce|how would you call
  how would you define|comment puis-je|wie kann ich|cómo puedo|come posso|como posso|hur kan jag|谁
  什么是|誰|누가|who|who's|when|where|what is a|what is an|what's a|what's an|define|qui|quand|où|qu'est-ce que
  qu'est-ce qu'un|wer|wann|wo|was ist ein|was ist eine|was bedeutet|quién|cuándo|dónde|qué es un|qué es una|chi
  quando|dove|cos'è|quem|onde|o que é|wat is een|vem|vad är|kto|co to jest|кто|когда|где|что такое|kim|ne demek`;

export const GATE_WORDS = {
  verdict,
  quantity,
  calculate,
  mathematics,
  numerals,
  letters,
  oneOfThese,
  extract,
  source,
  fetch,
  classify,
  decide,
  opinion,
  ours,
  conditional,
  reasons,
  manner,
  devise,
  compare,
  improve,
  wish,
  people,
  stakes,
  contrast,
  hesitates,
  contradict,
  inPlace,
  inOrder,
  whichIsMore,
  quantified,
  copula,
  ideas,
  count,
  asks,
  transform,
  write,
  lookUp,
} as const;
