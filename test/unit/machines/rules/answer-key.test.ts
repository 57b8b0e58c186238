/**
 * Goal: AK1-AK5 of answer-key.ts.
 * Method: families of texts that mean one answer, and pairs that look alike and do not.
 */
import { expect, test } from "vitest";
import { answerKey, sameAnswer } from "../../../../machines/rules/answer-key.ts";

test.each([
  ["42", ["42", " 42. ", "42.0", "+42", "0042", "$42", "€ 42", "42 €", "**42**", "`42`", "４２", "$\\boxed{42}$"]],
  ["1234.5", ["1,234.50", "1 234.5", "1'234,5", "1.234,5", "1234,50", "1234.5"]],
  ["1234567", ["1,234,567", "1.234.567", "1 234 567", "1234567.0"]],
  ["-3", ["-3", "−3", "-3.00", "- 3"]],
  ["0", ["0", "-0", "0.0", "000"]],
  ["12.5%", ["12.5%", "12,5 %", "12.50%"]],
  ["b", ["B", "(b)", "b)", "b.", "B) Paris", "(B) Rome", "**B**", "Answer: B", "Réponse : b", "答案:B"]],
  ["yes", ["Yes", "yes.", "YES!", '"Yes"', "**yes**"]],
  ["the tower", ["The  tower", "the tower.", "“The Tower”", "ＴＨＥ tower"]],
])("AK2-AK5 one answer in many dresses is %s", (key, texts) => {
  for (const text of texts) expect(answerKey(text), text).toBe(key);
});

test("AK1 what stands above the last line led there", () => {
  expect(answerKey("First 6 * 7.\nSo it is\n\n42\n\n")).toBe("42");
  expect(answerKey("x = 7\r\nAnswer: 9\r\n---\r\n")).toBe("9");
});

test.each([
  ["50", "50%"],
  ["A. Lincoln", "A. Einstein"],
  ["a horse", "a"],
  ["Apollo 11", "Apollo 12"],
  ["1.5", "15"],
  ["1,2,3", "123"],
  ["note: yes", "note: no"],
  ["-4", "4"],
  ["12:30", "30"],
])("%j and %j are two answers", (one, other) => {
  expect(sameAnswer(one, other)).toBe(false);
});

test("an answer that says nothing is the same as no other", () => {
  for (const empty of ["", "  \n", "...", "**"]) expect(sameAnswer(empty, empty)).toBe(false);
  expect(sameAnswer("42", "42.0")).toBe(true);
});

test("a key is short however long the answer is", () => {
  expect(answerKey("word ".repeat(100_000)).length).toBeLessThanOrEqual(200);
  expect(answerKey(`42${" ".repeat(1_000_000)}and so on`)).toBe("42");
});
