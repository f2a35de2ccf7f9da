import { type Random, random } from "../random.js";

// The grammar of ListOps (Nangia & Bowman 2018, arXiv 1804.06028) with the probabilities, depth, number of arguments and lengths of the Long Range
// Arena (Tay et al. 2020, arXiv 2011.04006).

export const operators = ["MIN", "MAX", "MED", "SM"] as const;
export type Operator = (typeof operators)[number];

export type Expression = number | { readonly operator: Operator; readonly operands: readonly Expression[] };

export interface ListOpsSizes {
	/** A digit stands at this depth at the latest; the root is at depth 1. Default: 10. */
	readonly maxDepth?: number;
	/** Most operands of an operator; the fewest are 2. Default: 10. */
	readonly maxOperands?: number;
	/** Expressions have more tokens than this. Default: 500. */
	readonly minLength?: number;
	/** Expressions have fewer tokens than this. Default: 2,000. */
	readonly maxLength?: number;
}

/** Below the greatest depth an expression is an operator, rather than a digit, with this probability. */
const operatorProbability = 0.25;

/** Token ids: 0 is padding, then the ten digits, the four operators with the bracket that opens, and the bracket that closes. */
export const listOpsVocabulary = 16;
const digitToken = 1;
const operatorToken = 11;
const closeToken = 15;

export interface ListOpsExample {
	readonly tokens: readonly number[];
	/** A digit. */
	readonly value: number;
}

/** An example: an expression of the lengths asked for, drawn until there is one. */
export function listOpsExample(source: Random, sizes: ListOpsSizes = {}): ListOpsExample {
	const { maxDepth = 10, maxOperands = 10, minLength = 500, maxLength = 2000 } = sizes;
	for (;;) {
		const expression = drawExpression(source, maxDepth, maxOperands, maxLength);
		if (expression === undefined) continue;
		const tokens = expressionTokens(expression);
		if (tokens.length > minLength && tokens.length < maxLength) return { tokens, value: evaluate(expression) };
	}
}

/** An expression from the grammar; undefined as soon as it has too many digits to be of use. */
function drawExpression(
	source: Random,
	maxDepth: number,
	maxOperands: number,
	maxDigits: number,
): Expression | undefined {
	let digits = 0;
	const draw = (depth: number): Expression => {
		if (depth >= maxDepth || digits > maxDigits || !source.chance(operatorProbability)) {
			digits++;
			return source.below(10);
		}
		const count = 2 + source.below(maxOperands - 1);
		const operands = Array.from({ length: count }, () => draw(depth + 1));
		return { operator: operators[source.below(operators.length)] as Operator, operands };
	};
	const expression = draw(1);
	return digits > maxDigits ? undefined : expression;
}

/** The digit an expression stands for. MED of an even number of digits is the mean of the middle two, rounded down; SM is the sum modulo 10. */
export function evaluate(expression: Expression): number {
	if (typeof expression === "number") return expression;
	const digits = expression.operands.map(evaluate);
	switch (expression.operator) {
		case "MIN":
			return Math.min(...digits);
		case "MAX":
			return Math.max(...digits);
		case "SM":
			return digits.reduce((sum, digit) => sum + digit, 0) % 10;
		case "MED": {
			digits.sort((a, b) => a - b);
			const upper = digits.length >> 1;
			const lower = (digits.length - 1) >> 1;
			return Math.floor(((digits[lower] as number) + (digits[upper] as number)) / 2);
		}
	}
}

export function expressionTokens(expression: Expression): number[] {
	const tokens: number[] = [];
	const write = (part: Expression): void => {
		if (typeof part === "number") {
			tokens.push(digitToken + part);
			return;
		}
		tokens.push(operatorToken + operators.indexOf(part.operator));
		part.operands.forEach(write);
		tokens.push(closeToken);
	};
	write(expression);
	return tokens;
}

/** As in the data set: "[MAX 2 9 [MIN 4 7 ] 0 ]". */
export function tokensText(tokens: readonly number[]): string {
	return tokens
		.filter((token) => token !== 0)
		.map((token) => {
			if (token === closeToken) return "]";
			return token < operatorToken ? String(token - digitToken) : `[${operators[token - operatorToken]}`;
		})
		.join(" ");
}

export interface ListOpsBatch {
	/** Row-major [batch, length], with padding behind each expression. */
	readonly ids: Int32Array;
	/** 1 for tokens, 0 for padding, as `ids`. */
	readonly mask: Int32Array;
	readonly length: number;
	/** One digit for each. */
	readonly values: Int32Array;
}

/**
 * A batch, as long as its longest expression, rounded up to `multiple`.
 *
 * @param index which batch; the same one is the same for a seed
 */
export function listOpsBatch(
	{ batch, seed, multiple = 1, ...sizes }: ListOpsSizes & { batch: number; seed: number; multiple?: number },
	index: number,
): ListOpsBatch {
	const source = random(seed, index);
	const examples = Array.from({ length: batch }, () => listOpsExample(source, sizes));
	const longest = Math.max(...examples.map(({ tokens }) => tokens.length));
	const length = Math.ceil(longest / multiple) * multiple;
	const ids = new Int32Array(batch * length);
	const mask = new Int32Array(batch * length);
	examples.forEach(({ tokens }, entry) => {
		ids.set(tokens, entry * length);
		mask.fill(1, entry * length, entry * length + tokens.length);
	});
	return { ids, mask, length, values: Int32Array.from(examples, ({ value }) => value) };
}
