/**
 * Which of the library's wrappers renders a model's chat template.
 *
 * Owns: knowing one template by its text, that of the models which this repository writes. Does not own: any other
 * template: the library renders conversations with each wrapper that it has and compares them with what the template
 * makes of them, which is a third of a second of a worker's load.
 *
 *  CW1 What a template that is known by its text is given is what the library would have chosen.
 *
 * @module
 */
import type { ChatWrapper, LlamaModel } from "node-llama-cpp";
import type { Binding } from "./runtime.ts";

/** ChatML, as the starter and the models of tests spell it. */
export const PLAIN_CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** Undefined for a model without a template. */
export function chatWrapperOf(binding: Binding, model: LlamaModel): ChatWrapper | undefined {
  const template: unknown = model.fileInfo.metadata.tokenizer?.chat_template;
  if (typeof template !== "string" || template.trim() === "") return undefined;
  if (template === PLAIN_CHATML) return new binding.ChatMLChatWrapper();
  return binding.resolveChatWrapper(model, { warningLogs: false }) ?? undefined;
}
