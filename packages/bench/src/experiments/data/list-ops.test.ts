import { describe, expect, it } from "vitest";
import { random } from "../random.js";
import { evaluate, expressionTokens, listOpsBatch, listOpsExample, listOpsVocabulary, tokensText } from "./list-ops.js";

/** Evaluates the text alone, from left to right with a stack, and tells how deep it is nested. */
function readText(text: string): { value: number; depth: number } {
	const rules: Record<string, (digits: number[]) => number> = {
		MIN: (digits) => digits.reduce((a, b) => (b < a ? b : a)),
		MAX: (digits) => digits.reduce((a, b) => (b > a ? b : a)),
		SM: (digits) => Number(String(digits.reduce((a, b) => a + b)).at(-1)),
		MED(digits) {
			// Takes the least and the greatest away until one or two are left.
			const left = [...digits].sort();
			while (left.length > 2) {
				left.pop();
				left.shift();
			}
			return Math.trunc(left.reduce((a, b) => a + b) / left.length);
		},
	};
	const stack: { rule: string; digits: number[] }[] = [{ rule: "", digits: [] }];
	let depth = 0;
	for (const word of text.split(" ")) {
		if (word.startsWith("[")) stack.push({ rule: word.slice(1), digits: [] });
		else if (word === "]") {
			const { rule, digits } = stack.pop() as { rule: string; digits: number[] };
			stack.at(-1)?.digits.push(rules[rule]?.(digits) as number);
		} else stack.at(-1)?.digits.push(Number(word));
		depth = Math.max(depth, stack.length);
	}
	expect(stack).toHaveLength(1);
	return { value: stack[0]?.digits[0] as number, depth };
}

it("writes and evaluates the paper's example", () => {
	const expression = {
		operator: "MAX" as const,
		operands: [
			2,
			9,
			{ operator: "MIN" as const, operands: [4, 7] },
			{ operator: "MED" as const, operands: [1, 5, 8, 9, 2] },
			0,
		],
	};
	expect(tokensText(expressionTokens(expression))).toBe("[MAX 2 9 [MIN 4 7 ] [MED 1 5 8 9 2 ] 0 ]");
	expect(evaluate(expression)).toBe(9);
});

it.each([
	[["MED", 1, 2], 1],
	[["MED", 9, 0, 4, 5], 4],
	[["MED", 3, 9, 0], 3],
	[["SM", 9, 9, 5], 3],
	[["MIN", 3, 0, 7], 0],
] as const)("%j is %i", ([operator, ...operands], value) => {
	expect(evaluate({ operator, operands })).toBe(value);
});

describe("expressions of the data set", () => {
	const source = random(11);
	const examples = Array.from({ length: 400 }, () => listOpsExample(source));

	it("have the lengths and depths of the Long Range Arena, and at most ten operands", () => {
		for (const { tokens } of examples) {
			expect(tokens.length).toBeGreaterThan(500);
			expect(tokens.length).toBeLessThan(2000);
			expect(Math.max(...tokens)).toBeLessThan(listOpsVocabulary);
			expect(readText(tokensText(tokens)).depth).toBeLessThanOrEqual(10);
		}
		const lengths = examples.map(({ tokens }) => tokens.length);
		expect(Math.min(...lengths)).toBeLessThan(600);
		expect(Math.max(...lengths)).toBeGreaterThan(1700);
	});

	it("have the values that reading their text gives", () => {
		for (const { tokens, value } of examples) expect(readText(tokensText(tokens)).value).toBe(value);
	});

	it("have every value, none more often than a third of the time", () => {
		for (let value = 0; value < 10; value++) {
			const share = examples.filter((example) => example.value === value).length / examples.length;
			expect(share).toBeGreaterThan(0.02);
			expect(share).toBeLessThan(0.34);
		}
	});
});

it("a batch is padded behind its expressions, and repeats for a seed", () => {
	const sizes = { batch: 5, seed: 2, minLength: 10, maxLength: 60, multiple: 16 };
	const { ids, mask, length, values } = listOpsBatch(sizes, 3);
	expect(length % 16).toBe(0);
	for (let entry = 0; entry < 5; entry++) {
		const row = [...ids.subarray(entry * length, (entry + 1) * length)];
		const used = row.findLastIndex((token) => token !== 0) + 1;
		expect([...mask.subarray(entry * length, (entry + 1) * length)]).toEqual(row.map((_, at) => (at < used ? 1 : 0)));
		expect(readText(tokensText(row)).value).toBe(values[entry]);
	}
	expect(listOpsBatch(sizes, 3)).toEqual(listOpsBatch(sizes, 3));
	expect(listOpsBatch(sizes, 3).ids).not.toEqual(listOpsBatch(sizes, 4).ids);
});
