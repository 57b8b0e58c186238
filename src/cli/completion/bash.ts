/**
 * The completion of bash, from the words of words.ts.
 *
 * It splits the line itself, at spaces alone: bash splits at colons too, and names of models have colons.
 *
 *  CS1 Pressing Tab waits no longer than ASK_SECONDS for a node, and without one costs nothing but words.
 *
 * @module
 */
import {
  COMPLETED,
  CONVERSATION,
  EVERYWHERE_FLAGS,
  FIRST_WORDS,
  flagsOf,
  GROUPS,
  keyOf,
  secondWords,
  valuesBy,
  type CompletedCommand,
  type Words,
} from "./words.ts";

/** Long enough for a node that is there; nobody waits longer for Tab. */
export const ASK_SECONDS = 0.3;

export const bashCompletion = (): string => `# Completion of rbee. In ~/.bashrc: eval "$(rbee completion bash)"
${ASKING}
_rbee() {
  local line="\${COMP_LINE:0:COMP_POINT}" words
  read -ra words <<<"$line"
  [[ $line == *' ' ]] && words+=("")
  local last=$((\${#words[@]} - 1)) key="\${words[1]}" candidates="" asked=""
  local current="\${words[last]}" before="\${words[last - 1]}"
  if [[ $key == -* ]]; then
    key="${CONVERSATION}"
  elif [[ " ${GROUPS.join(" ")} " == *" $key "* ]] && ((last > 1)) && [[ \${words[2]} != -* ]]; then
    ((last > 2)) && key="$key \${words[2]}" || key="in $key"
  fi
  ((last == 1)) && [[ $current != -* ]] && key="first"
  case "$key $before" in
${[...valuesBy(assigned)].map(([action, keys]) => `    ${keys.map(quoted).join(" | ")}) ${action} ;;`).join("\n")}
  *)
    case "$key" in
    first) candidates="${FIRST_WORDS.join(" ")}" ;;
${GROUPS.map(groupCases).join("\n")}
${COMPLETED.map(commandCase).join("\n")}
    esac
    ;;
  esac
  if [[ $asked == files ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
    compopt -o filenames
    return
  fi
  [[ -n $asked ]] && candidates="$(_rbee_ask "\${words[0]}" "$asked")"
  COMPREPLY=($(compgen -W "$candidates" -- "$current"))
  # bash keeps what stands before the last colon by itself.
  local kept="\${current%"\${current##*:}"}"
  [[ $COMP_WORDBREAKS == *:* ]] && COMPREPLY=("\${COMPREPLY[@]#"$kept"}")
}
complete -F _rbee rbee rbee-keeper queenbee
`;

/** What only a node or the folder of models knows; the same in bash and zsh. */
export const ASKING = `_rbee_ask() {
  case "$2" in
  workers)
    command -v timeout >/dev/null || return
    timeout ${ASK_SECONDS} "$1" worker list --json 2>/dev/null | grep -o '"id":"[^"]*"' | cut -d'"' -f4
    ;;
  models)
    echo starter
    (cd "\${RBEE_HOME:-\${XDG_DATA_HOME:-$HOME/.local/share}/rbee}/models/hf" 2>/dev/null &&
      find . -mindepth 3 -maxdepth 3 -name '*.gguf' | sed 's|^[.]/|hf:|')
    ;;
  esac
}`;

const quoted = (word: string): string => `"${word}"`;

const assigned = (words: Words): string =>
  typeof words === "string" ? `asked=${words}` : `candidates="${words.join(" ")}"`;

const groupCases = (group: string): string => `    "in ${group}") candidates="${secondWords(group).join(" ")}" ;;
    ${group}) candidates="${EVERYWHERE_FLAGS}" ;;`;

const commandCase = ({ path, options, argument }: CompletedCommand): string =>
  `    ${quoted(keyOf(path))})
      if [[ $current == -* ]]; then candidates="${flagsOf(options)}"; else ${assigned(argument)}; fi
      ;;`;
