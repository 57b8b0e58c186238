/**
 * A behaviour whose commands are heard: who says what to whom, as it is decided.
 *
 * @module
 */
import type { Address } from "../../machines/words.ts";
import type { Behaviour, Command, Scope } from "../../src/runtime/behaviour.ts";
import type { Message } from "../../src/runtime/envelope.ts";

/** The same behaviour; the ear learns who says what. */
export function overheard(behaviour: Behaviour, ear: { told(from: Address, event: Message): void }): Behaviour {
  const handlers = Object.fromEntries(
    Object.entries(behaviour.handlers).map(([action, handler]) => [
      action,
      (params: never, scope: Scope): readonly Command[] => {
        const commands = handler(params, scope);
        for (const command of commands) {
          if ("event" in command) ear.told(scope.self, command.event);
          else if (command.do === "reply" && command.result.ok) ear.told(scope.self, command.result.event);
        }
        return commands;
      },
    ]),
  );
  return { ...behaviour, handlers };
}
