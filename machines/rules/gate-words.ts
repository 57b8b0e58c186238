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
  what time will|which year|what age|combien|à quelle heure|quel jour|quel âge|wie viel|wie viele|wieviel|wieviele
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
  least common|next number|consecutive|sequence|equation|fraction|perimeter|au total|en tout|aire de|divisé par
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
  positive, negative|spam or not|classifie|classer|klassifiziere|einordnen|positiv oder negativ|clasifica
  positivo o negativo|classifica|classifique|classificeer|klassificera|классифицируй*|sklasyfikuj|sınıflandır|分类|分類
  情感|분류`;

/** Somebody stands before a decision. */
const decide = `
  should i|should we|should they|should our|should my|should a|ought we|ought i|shall we|decide whether
  decide between|help me decide|help us decide|help me choose|what would you do|would you recommend
  what do you recommend|is it worth|worth it|is it better|is it a good idea|is it ethical|makes more sense|advise me
  torn between|choose between|which one and why|what should we|how should|dois-je|devrais-je|devons-nous
  devrions-nous|faut-il|vaut-il mieux|aide-moi à choisir|aide-moi à décider|que feriez-vous|que ferais-tu
  vaut la peine|conseille-moi|soll ich|sollte ich|sollen wir|sollten wir|lohnt es sich|lohnt sich
  hilf mir zu entscheiden|was würdest du|ist es besser|entscheiden zwischen|wäre es sinnvoll|debería|deberíamos|debo
  debemos|vale la pena|qué harías|es mejor|qué me recomiendas|ayúdame a decidir|conviene|dovrei|dovremmo|devo
  dobbiamo|è meglio|sarebbe meglio|cosa faresti|mi consigli|devemos|deveria|deveríamos|é melhor|moet ik|moeten we
  zal ik|is het beter|borde vi|borde jag|borde man|ska vi|ska jag|bör vi|bör jag|är det bättre|czy powinienem
  czy powinnam|czy powinniśmy|czy warto|стоит ли|следует ли|нужно ли|что лучше|должны ли мы|mi yoksa|mı yoksa
  değer mi|应该|该不该|要不要|值得|哪个更好|哪个好|还是|怎么选|どちらがよい|どちらが良い|べきか|べきでしょうか|해야 할까|할까요|좋을까|나을까|هل يجب|هل ينبغي|أيهما أفضل`;

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
  how do i|how do you|how to|how can i|comment puis-je|wie kann ich|cómo puedo|come posso|como posso|hur kan jag|谁
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
  transform,
  write,
  lookUp,
} as const;
