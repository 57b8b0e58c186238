/**
 * The one table of everything that can go wrong, and what follows from it.
 *
 * Owns: each public error code with its retry class, HTTP status, exit code and advice; the shape of an error as data.
 * Does not own: messages with particulars (the raiser writes them) or the envelope a dialect puts around an error.
 *
 *  E1 Every code that leaves a process is a key of {@link ERRORS}; an unknown one is a `defect`.
 *  E2 The class is the retry decision, made here and nowhere else.
 *  E3 Across a thread, process or socket an error is {@link ErrorData}, never `instanceof`.
 *
 * No imports besides words: the launcher's help path and every process may load it for free.
 *
 * @module
 */
import type { RetryClass } from "../../machines/words.ts";

export interface ErrorRow {
  /** rejected: admission said no. transient: retry within a budget. terminal: give up. cancelled: nobody wants it. */
  readonly class: RetryClass;
  readonly httpStatus: number;
  /** Exit code of the command line, from the contract: 1 failed, 2 usage, 3 no queen, 4 refused, 5 no capacity, ... */
  readonly exitCode: number;
  /** What the person can do next. One sentence, an imperative. */
  readonly advice: string;
}

const row = (kind: RetryClass, httpStatus: number, exitCode: number, advice: string): ErrorRow => ({
  class: kind,
  httpStatus,
  exitCode,
  advice,
});

export const ERRORS = {
  // What a person typed or sent.
  "usage.invalid": row("rejected", 400, 2, "Run the command with --help to see what it takes."),
  "request.invalid": row("rejected", 400, 2, "Correct the field that is named and send the request again."),
  "request.too.large": row("rejected", 413, 2, "Send a smaller body, or raise limits.bodyBytes in the configuration."),
  "request.media.type": row("rejected", 415, 2, "Send the body as application/json."),
  "request.forbidden": row(
    "rejected",
    403,
    4,
    "Call the door by its own name, and not from a web page it does not list.",
  ),
  "request.unauthorized": row("rejected", 401, 4, "Give the key or token that this door asks for."),
  "request.plain": row("rejected", 400, 2, "Write https:// in the address: nothing is said in the clear here."),
  "request.not.found": row("rejected", 404, 1, "Check the path and the id; finished jobs are forgotten after a while."),
  "config.invalid": row("terminal", 500, 78, "Correct the configuration at the line that is named."),
  "specialist.invalid": row("terminal", 422, 78, "Correct the file that is named, at the field that is named."),
  "schema.unsupported": row("rejected", 400, 2, "Use a schema of object, array, string, number, boolean and enum."),
  // Admission, queue, deadlines.
  "queue.full": row("rejected", 429, 4, "Wait for the time given and send it again, or raise queue.lengthMax."),
  "admission.closed": row("rejected", 503, 4, "The node is stopping or short of disk; try again when it serves."),
  "job.cancelled": row("cancelled", 499, 130, "Nothing: it was cancelled on request."),
  "job.deadline": row("terminal", 504, 6, "Give it more time (--deadline, X-Request-Deadline), or a smaller model."),
  "deadline.unmeetable": row(
    "rejected",
    504,
    6,
    "Give it more time (--deadline, X-Request-Deadline), or send it again when fewer jobs wait.",
  ),
  "job.attempts": row("terminal", 502, 1, "See what killed its workers with `rbee worker list`, then send it again."),
  "context.overflow": row(
    "terminal",
    400,
    1,
    "Shorten the prompt, ask for fewer tokens, or use a model with a larger context.",
  ),
  "mailbox.full": row("rejected", 429, 4, "Slow down: the receiver takes no more until it has caught up."),
  "cell.gone": row("terminal", 410, 1, "What you asked for is over: list what there is and ask again."),
  // The team.
  "team.busy": row("rejected", 429, 4, "Wait until one of the discussions has ended, and ask again."),
  "discussion.over": row("rejected", 409, 1, "Ask a new question in the same session: this one has its answer."),
  "knowledge.full": row("rejected", 409, 4, "Forget what is needed no more: `rbee knowledge list` names all of it."),
  "thinker.malformed": row("terminal", 502, 1, "Use a model that keeps to a form, or a larger one."),
  "thinker.empty": row("terminal", 502, 1, "Use another model: this one had nothing to say."),
  // Keys.
  "quota.exceeded": row("rejected", 429, 4, "Wait for the time given, or have a key made with a higher limit."),
  "key.guesses": row(
    "rejected",
    429,
    4,
    "Wait for the time given, and look at the key: `rbee key list` names those that are.",
  ),
  "key.taken": row("rejected", 409, 4, "Choose another name, or revoke that one first: `rbee key revoke NAME`."),
  "key.many": row("rejected", 409, 4, "Revoke one that is used no more: `rbee key list` tells what each has used."),
  // Machines that join.
  "token.malformed": row("rejected", 400, 2, "Copy the whole word that `rbee token create` printed, and nothing else."),
  "token.refused": row("rejected", 403, 4, "Make another one on the queen's machine: `rbee token create`."),
  "token.many": row("rejected", 409, 4, "Use one of those there are, or revoke it: `rbee token list`."),
  // Machines that are set up over SSH.
  "ssh.missing": row("terminal", 500, 5, "Install the OpenSSH client: its program `ssh` has to be on PATH."),
  "ssh.config.invalid": row("terminal", 500, 78, "Correct ~/.ssh/config where ssh says that it is wrong."),
  "ssh.key.invalid": row("rejected", 400, 2, "Give a private key that is yours alone (chmod 600) and whole."),
  "ssh.unreachable": row("transient", 502, 1, "Check the name and the port, and that sshd runs there."),
  "ssh.refused": row("terminal", 403, 4, "Name the right --ssh-user and --ssh-key, or add the key to your ssh-agent."),
  "ssh.hostkey.unknown": row(
    "rejected",
    403,
    4,
    "Compare it with `ssh-keygen -lf` over there, then give it with --accept-host-key.",
  ),
  "ssh.hostkey.changed": row(
    "terminal",
    403,
    4,
    "Find out why: if that machine was really made anew, `ssh-keygen -R HOST` forgets its old key.",
  ),
  "ssh.lost": row("transient", 502, 1, "The connection broke: run it again, it goes on or begins afresh."),
  "ssh.foreign": row("terminal", 502, 1, "See what a login there prints or runs: it has to be a plain shell."),
  "setup.node.unknown": row("rejected", 404, 2, "`rbee setup list-nodes` names those there are."),
  "setup.node.taken": row("rejected", 409, 4, "Choose another name, or remove that one: `rbee setup remove-node`."),
  "setup.platform": row(
    "terminal",
    422,
    5,
    "Install rbee on that machine itself, and let it join: `rbee token create` here, `rbee join` there.",
  ),
  "setup.source": row(
    "terminal",
    500,
    5,
    "Install rbee whole on this machine first, with the Node it brings: `npm ci`.",
  ),
  "setup.disk.full": row("terminal", 507, 5, "Free some room in the home folder of that machine, then run it again."),
  "setup.queen.local": row(
    "rejected",
    409,
    5,
    "Start the node here with `--listen ADDRESS:PORT`, an address that other machines reach.",
  ),
  "setup.installed": row("rejected", 409, 4, "Nothing: it is there. `rbee hive start --node NAME` starts it."),
  "setup.not.installed": row("rejected", 409, 4, "Install it first: `rbee setup install --node NAME`."),
  "setup.running": row("rejected", 409, 4, "Stop it first: `rbee hive stop --node NAME`."),
  "setup.failed": row("terminal", 502, 1, "See what that machine says, mend it there, then run it again."),
  "setup.remains": row("terminal", 500, 1, "Look on that machine at what is named, end it there, then run it again."),
  "machine.taken": row(
    "rejected",
    409,
    4,
    "Join under another --name, or first have the queen forget the machine of that one: `rbee hive remove NAME`.",
  ),
  "machine.copied": row(
    "terminal",
    409,
    4,
    "One of the two homes is a copy: in that one delete RBEE_HOME/cluster, and join anew, by a token and another name.",
  ),
  "machine.removed": row("terminal", 403, 4, "Make a token on the queen's machine, and join anew with it."),
  "machine.away": row(
    "transient",
    503,
    1,
    "The machine is not linked: see `rbee hive list`, and ask again when it is.",
  ),
  // Capacity.
  "memory.busy": row("transient", 503, 5, "Wait until a worker has nothing to do, or stop one: `rbee worker stop ID`."),
  "memory.insufficient": row("terminal", 503, 5, "Use a smaller model or context, or stop another worker."),
  "port.taken": row("terminal", 503, 5, "Choose another port with --listen, or stop the program that holds this one."),
  // Models and engines.
  "model.not.found": row("terminal", 404, 1, "Check the name or path; `file:/path/model.gguf` names a file."),
  "model.absent": row("rejected", 404, 1, "Fetch it with `rbee model download NAME`."),
  "model.ambiguous": row("rejected", 400, 2, "Name the file itself: `hf:OWNER/REPO/FILE.gguf`."),
  "model.in.use": row("rejected", 409, 4, "Stop its workers first: `rbee worker list` names them."),
  "model.removed": row("terminal", 409, 1, "Somebody removed it while it was fetched: fetch it again if it is wanted."),
  "model.unsupported": row("terminal", 400, 1, "Use a GGUF file, or an engine that runs this model."),
  "model.corrupt": row("terminal", 422, 1, "The file is damaged or cut short: fetch it again."),
  "model.foreign": row("terminal", 422, 1, "The file is no GGUF model: give the path of a .gguf file."),
  "model.architecture": row(
    "terminal",
    422,
    1,
    "The engine does not know this architecture: update it or use another model.",
  ),
  // The hub that models are fetched from.
  "hub.unreachable": row("transient", 502, 1, "Check the network, or HF_ENDPOINT; it goes on from where it was."),
  "hub.busy": row("transient", 429, 1, "The hub asks for patience: try again later, or set HF_TOKEN."),
  "hub.unauthorized": row("terminal", 401, 4, "Check the name; for a private or gated model set HF_TOKEN."),
  "hub.refused": row("terminal", 403, 4, "Open the model's page at the hub: it may ask to accept a licence."),
  "hub.foreign": row("terminal", 502, 1, "What answers at HF_ENDPOINT is no model hub: correct it, or leave it out."),
  "hub.changed": row("transient", 502, 1, "The file changed at the hub meanwhile: it is fetched afresh."),
  "download.stalled": row("transient", 504, 6, "The hub went silent: check the network; it goes on from where it was."),
  "download.corrupt": row("terminal", 502, 1, "What arrived is not what the hub names: try again, or another file."),
  "engine.missing": row(
    "terminal",
    503,
    5,
    "Install the optional package node-llama-cpp: npm install --include=optional.",
  ),
  "engine.out.of.memory": row("terminal", 503, 5, "Use a smaller model or context, or stop another worker."),
  "engine.failed": row("transient", 502, 1, "The engine broke on this request; it is tried again on a fresh worker."),
  "engine.server.missing": row(
    "terminal",
    503,
    5,
    "Install llama.cpp, or set engines.llamaServer.path to its llama-server.",
  ),
  // Servers of others that run models.
  "endpoint.unknown": row("terminal", 404, 2, "Name it under `endpoints` in your own configuration, with its url."),
  "endpoint.unreachable": row("transient", 502, 1, "Check that the server runs, and its address under `endpoints`."),
  "endpoint.lost": row("transient", 502, 1, "See the server's own log: nobody here knows how far it came."),
  "endpoint.stalled": row("transient", 504, 6, "The server went silent: look at its load, or use another model."),
  "endpoint.busy": row("transient", 429, 1, "The server asks for patience: try again after the time that it gives."),
  "endpoint.failed": row("transient", 502, 1, "The server broke on this request: see its own log; it is tried again."),
  "endpoint.unauthorized": row("terminal", 502, 4, "Correct the `key` of that endpoint in your configuration."),
  "endpoint.refused": row("terminal", 502, 4, "The server does not take this request: its own words say why."),
  "endpoint.foreign": row(
    "terminal",
    502,
    1,
    "What answers there is no such server: correct its url under `endpoints`.",
  ),
  "endpoint.cut": row("terminal", 502, 1, "The answer broke off and could not be gone on with: send it again."),
  "endpoint.elsewhere": row(
    "terminal",
    403,
    4,
    "Name who really runs it under `endpoints`, with what that may be given.",
  ),
  "privacy.refused": row(
    "rejected",
    403,
    4,
    "Use a model of this machine, or allow that endpoint more: `privacy` under `endpoints` in your configuration.",
  ),
  // Processes and hosts.
  "hive.unknown": row("rejected", 404, 2, "Name a machine of this cluster: `rbee status` lists them."),
  "hive.draining": row(
    "rejected",
    503,
    5,
    "Name another machine, or none; or let it serve again: `rbee hive resume NAME`.",
  ),
  "hive.lost": row("transient", 503, 1, "The machine is not there: `rbee status` tells which are."),
  "worker.lost": row("transient", 502, 1, "The worker died; the job is tried again."),
  "worker.load.timeout": row(
    "transient",
    504,
    6,
    "Loading took too long: raise worker.loadTimeout or use a smaller model.",
  ),
  "worker.hung": row("transient", 504, 6, "The worker stopped answering and was ended; the job is tried again."),
  "worker.evicted": row("cancelled", 410, 1, "Nothing: it made room for another model, and is loaded when wanted."),
  "worker.idle": row("cancelled", 410, 1, "Nothing: it is loaded again when work wants it; see worker.idleTimeout."),
  "worker.out.of.memory": row(
    "transient",
    503,
    5,
    "Use a smaller model or context, or end other programs: the kernel killed the worker.",
  ),
  "worker.unstable": row(
    "terminal",
    503,
    1,
    "See what killed its workers with `rbee worker list --all`; it is loaded again a minute after the last end.",
  ),
  "worker.stale": row("transient", 409, 1, "The command came from an older epoch or attempt; nothing was done."),
  "worker.unknown": row(
    "rejected",
    404,
    1,
    "Have the node start it, with `rbee worker spawn`; one that runs alone is asked at its own door.",
  ),
  "process.fork": row("transient", 500, 1, "The machine refused a new process: check memory and process limits."),
  "frame.invalid": row("defect", 500, 1, "This is a bug in rbee: a process of the node sent what is no message."),
  // The link between two machines.
  "link.version": row("terminal", 426, 1, "Update rbee on the older of the two machines."),
  "link.cluster": row("terminal", 403, 4, "Give the address of a machine of this cluster, or join that one first."),
  "link.duplicate": row("terminal", 409, 4, "Two machines have one id: give one of them an RBEE_HOME of its own."),
  "link.stale": row("terminal", 409, 1, "A later start of that machine is known: end the older one."),
  "link.foreign": row("terminal", 403, 4, "Another machine answers there: correct its address, or its certificate."),
  "link.role": row("terminal", 403, 4, "Its certificate does not carry that role: let it join anew with a token."),
  "link.handshake": row(
    "transient",
    400,
    1,
    "What is at the other end speaks no link, or too slowly: check the address.",
  ),
  "link.kept": row("cancelled", 409, 1, "Nothing: the two machines keep one connection, and there is another."),
  "link.invalid": row("defect", 500, 1, "This is a bug in rbee: a machine sent what no link sends. It is cut off."),
  "link.full": row(
    "transient",
    503,
    1,
    "The other machine takes less than it is sent: it is cut, and sent again later.",
  ),
  "link.stalled": row("transient", 504, 6, "The other machine took nothing for too long: look at its load."),
  "link.silent": row("transient", 504, 6, "The other machine fell silent: look whether it runs, and at the network."),
  "link.isolated": row("transient", 504, 6, "Most machines fell silent at once: look at the network of this one."),
  "link.lost": row("transient", 502, 1, "The connection broke; it is made again."),
  "link.closed": row("cancelled", 499, 1, "Nothing: the link was closed on purpose."),
  "host.restarted": row("transient", 500, 1, "Part of the node restarted meanwhile; send it again."),
  "host.wedged": row("defect", 500, 70, "A thread of the node hung; start it again, nothing accepted is lost."),
  "disk.full": row(
    "transient",
    507,
    1,
    "Free some disk space below RBEE_HOME; the node goes on by itself, a download when it is asked for again.",
  ),
  "journal.refused": row("defect", 500, 1, "The journal could not be written: check the disk, then start again."),
  "journal.newer": row(
    "terminal",
    500,
    78,
    "This data was written by a newer rbee: update rbee, or use another RBEE_HOME.",
  ),
  "journal.older": row(
    "terminal",
    500,
    78,
    "An older rbee wrote this: let that one finish its jobs, then move RBEE_HOME/state away. Models stay.",
  ),
  "journal.corrupt": row("terminal", 500, 1, "The journal is damaged: restore it, or move it away to start afresh."),
  "ask.deadline": row("transient", 504, 6, "The answer did not come in time; it may be tried again."),
  // Attach and reach.
  "queen.unreachable": row("transient", 503, 3, "Start her with `rbee node` on her machine, or check RBEE_QUEEN."),
  "queen.gone": row("terminal", 503, 3, "Start the queen; then start this hive again: `rbee hive start --node NAME`."),
  "queen.not.listening": row(
    "transient",
    503,
    3,
    "Start her there; if she runs, let her listen beyond her own machine: `rbee config set listen 0.0.0.0:8080`.",
  ),
  "queen.no.answer": row(
    "transient",
    503,
    3,
    "Let that TCP port in at the firewall of her machine. If she has another address now, join with a new token.",
  ),
  "queen.no.route": row(
    "transient",
    503,
    3,
    "See that both machines are on one network; `rbee token create --host HOST` names another address of hers.",
  ),
  "queen.superseded": row(
    "terminal",
    409,
    78,
    "Keep the later one, and start this copy no more; where that one is lost, start this once for each term it lacks.",
  ),
  "clock.skewed": row("transient", 403, 3, "Set the clocks of both machines, and let them be kept by NTP."),
  "queen.untrusted": row(
    "terminal",
    502,
    4,
    "Set RBEE_QUEEN_FINGERPRINT to what `rbee doctor` says on the queen's machine; to join, make a token there anew.",
  ),
  "home.held": row("rejected", 409, 1, "Use the node that is running, or stop it first."),
  "daemon.unstable": row("terminal", 500, 1, "Read the log that is named, then start it with `rbee daemon start`."),
  "service.unsupported": row("terminal", 500, 5, "Use `rbee daemon start`, from whatever runs programs at login here."),
  "service.foreign": row("rejected", 409, 4, "Look at the unit that is named, and remove it where it belongs."),
  "service.failed": row("terminal", 500, 1, "See `journalctl --user -u rbee`, then `rbee service install` again."),
  "home.unusable": row("terminal", 500, 78, "Give RBEE_HOME a folder that you own and that nobody else uses."),
  "stream.slow": row("terminal", 408, 1, "Read faster: the stream was cut because nothing was read for too long."),
  "stream.lost": row("transient", 503, 1, "What a node had said and not yet written died with it; it is said again."),
  "stream.gone": row("terminal", 410, 1, "That part of the stream is no longer kept; ask for the result."),
  interrupted: row("cancelled", 499, 130, "Nothing: it was interrupted."),
  terminated: row("cancelled", 499, 143, "Nothing: it was told to stop."),
  defect: row("defect", 500, 1, "This is a bug in rbee: please report it with the code and what you did."),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** An error as it travels: a code of the table, a sentence with the particulars, and small facts for machines. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  /** Particulars by name, e.g. `{ field, found, allowed }`, `{ retryAfterMs }`. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** The same inside one thread, so that it can be thrown. Never crosses a boundary as an instance. */
export class RbeeError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorData["details"];

  constructor(code: ErrorCode, message: string, details?: ErrorData["details"]) {
    super(message);
    this.name = "RbeeError";
    this.code = code;
    this.details = details;
  }
}

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text);

/** Anything thrown becomes data. What is not ours is a `defect`: the message is kept, the stack is not. */
export function errorData(thrown: unknown): ErrorData {
  if (thrown instanceof RbeeError) {
    const { code, message, details } = thrown;
    return details === undefined ? { code, message } : { code, message, details };
  }
  return { code: "defect", message: thrown instanceof Error ? thrown.message : String(thrown) };
}

export const retryClassOf = (code: ErrorCode): RetryClass => ERRORS[code].class;
