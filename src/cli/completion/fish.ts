/**
 * The completion of fish, from the words of words.ts.
 *
 * @module
 */
import { ASK_SECONDS } from "./bash.ts";
import { COMPLETED, GROUPS, secondWords, type CompletedCommand, type CompletedOption, type Words } from "./words.ts";

export function fishCompletion(): string {
  const firsts = COMPLETED.filter(({ path }) => path.length === 1);
  const lines = [
    ...firsts.map(({ path: [word = ""], summary }) => complete(NOTHING_YET, `-a ${word} -d ${quoted(summary)}`)),
    ...GROUPS.map((group) => complete(NOTHING_YET, `-a ${group} -d ${quoted(secondWords(group).join(", "))}`)),
    ...COMPLETED.filter(({ path }) => path.length === 2).map(({ path: [group = "", word = ""], summary }) =>
      complete(`__rbee_at ${group}`, `-a ${word} -d ${quoted(summary)}`),
    ),
    ...COMPLETED.flatMap(commandLines),
  ];
  return `# Completion of rbee for fish. In ~/.config/fish/config.fish: rbee completion fish | source
function __rbee_typed
    commandline -opc | string match --invert -- '-*'
end
function __rbee_at
    set -l typed (__rbee_typed)
    test "$typed[2..]" = "$argv"
end
function __rbee_in
    set -l typed (__rbee_typed)
    string match --quiet -- "$argv *" "$typed[2..] "
end
function __rbee_ask
    switch $argv[1]
        case workers
            type --query timeout; or return
            timeout ${ASK_SECONDS} rbee worker list --json 2>/dev/null |
                string match --all --regex --groups-only '"id":"([^"]*)"'
        case models
            echo starter
            set -l folder ~/.local/share/rbee
            set -q XDG_DATA_HOME; and set folder $XDG_DATA_HOME/rbee
            set -q RBEE_HOME; and set folder $RBEE_HOME
            for file in $folder/models/hf/*/*/*.gguf
                string replace -- $folder/models/hf/ hf: $file
            end
    end
end
complete -c rbee -f
${lines.join("\n")}
`;
}

const NOTHING_YET = "__rbee_at";

const complete = (condition: string, rest: string): string => `complete -c rbee -n ${quoted(condition)} ${rest}`;

function commandLines({ path, options, argument }: CompletedCommand): readonly string[] {
  const within = path.length === 0 ? NOTHING_YET : `__rbee_in ${path.join(" ")}`;
  const words = argument.length === 0 ? [] : [complete(within, valueOf(argument))];
  return [...options.map((option) => complete(within, optionOf(option))), ...words];
}

function optionOf({ flags, text, value }: CompletedOption): string {
  const named = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  // Without -x fish would offer files beside the words.
  const takes = value === undefined ? [] : [value === "files" ? "-r" : "-x", valueOf(value)];
  return [...named, `-d ${quoted(text)}`, ...takes].join(" ").trimEnd();
}

function valueOf(words: Words): string {
  if (words === "files") return "-F";
  if (typeof words === "string") return `-a '(__rbee_ask ${words})'`;
  return words.length === 0 ? "" : `-a ${quoted(words.join(" "))}`;
}

/** Between single quotes fish reads everything as it is, but these two. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
