/**
 * The completion of zsh, from the words of words.ts.
 *
 * @module
 */
import { ASKING } from "./bash.ts";
import {
  COMPLETED,
  CONVERSATION,
  EVERYWHERE_FLAGS,
  flagsOf,
  GROUPS,
  keyOf,
  secondWords,
  valuesBy,
  type CompletedCommand,
  type Words,
} from "./words.ts";

export const zshCompletion = (): string => `#compdef rbee rbee-keeper queenbee
# Completion of rbee for zsh. In ~/.zshrc, after compinit: eval "$(rbee completion zsh)"
${ASKING}
_rbee_words() {
  local -a found
  if [[ $1 == files ]]; then
    _files
    return
  fi
  found=(\${(f)"$(_rbee_ask "\${words[1]}" "$1")"})
  compadd -a found
}
_rbee() {
  local key="\${words[2]}" before="\${words[CURRENT - 1]}" current="\${words[CURRENT]}"
  if [[ $key == -* ]]; then
    key="${CONVERSATION}"
  elif [[ " ${GROUPS.join(" ")} " == *" $key "* ]] && ((CURRENT > 2)) && [[ \${words[3]} != -* ]]; then
    if ((CURRENT > 3)); then key="$key \${words[3]}"; else key="in $key"; fi
  fi
  if ((CURRENT == 2)) && [[ $current != -* ]]; then
    local -a commands=(
${FIRSTS.join("\n")}
    )
    _describe command commands
    return
  fi
  case "$key $before" in
${[...valuesBy(added)].map(([action, keys]) => `    ${keys.map(quoted).join(" | ")}) ${action}; return ;;`).join("\n")}
  esac
  case "$key" in
${GROUPS.map(groupCases).join("\n")}
${COMPLETED.map(commandCase).join("\n")}
  esac
}
compdef _rbee rbee rbee-keeper queenbee
`;

const described = (word: string, text: string): string =>
  `      '${`${word}:${text}`.replaceAll("'", String.raw`'\''`)}'`;

const FIRSTS: readonly string[] = [
  ...COMPLETED.filter(({ path }) => path.length === 1).map(({ path: [word = ""], summary }) =>
    described(word, summary),
  ),
  ...GROUPS.map((group) => described(group, secondWords(group).join(", "))),
];

const quoted = (word: string): string => `"${word}"`;

const added = (words: Words): string => {
  if (typeof words === "string") return `_rbee_words ${words}`;
  return words.length === 0 ? ":" : `compadd -- ${words.join(" ")}`;
};

const groupCases = (group: string): string =>
  `    "in ${group}") compadd -- ${secondWords(group).join(" ")} ;;\n    ${group}) compadd -- ${EVERYWHERE_FLAGS} ;;`;

const commandCase = ({ path, options, argument }: CompletedCommand): string =>
  `    ${quoted(keyOf(path))})
      if [[ $current == -* ]]; then compadd -- ${flagsOf(options)}; else ${added(argument)}; fi
      ;;`;
