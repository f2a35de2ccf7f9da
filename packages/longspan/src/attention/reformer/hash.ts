import { withTape } from "../../autograd/tape.js";
import { OptionError, ShapeError } from "../../errors.js";
import { matmul } from "../../ops/matmul.js";
import { checkOperands } from "../../ops/operands.js";
import { normal } from "../../ops/random.js";
import { reshape } from "../../ops/reshape.js";
import { signedArgMax } from "../../ops/signed-arg-max.js";
import { slice } from "../../ops/slice.js";
import { transpose } from "../../ops/transpose.js";
import type { Device } from "../../tensor/device.js";
import { scope } from "../../tensor/scope.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/** What the hash of a call depends on. */
export interface HashSizes {
	readonly heads: number;
	readonly headDim: number;
	readonly rounds: number;
	readonly factors: readonly number[];
}

/** Rotations a round: half of the buckets of each factor, as the other half are their opposites. */
export function rotationsPerRound(factors: readonly number[]): number {
	return factors.reduce((sum, factor) => sum + factor / 2, 0);
}

/**
 * Gaussian rotations [heads, headDim, rounds, half the sum of the factors]. Further rounds leave those before them as they are.
 * Nothing is recorded.
 */
export function drawRotations({ heads, headDim, rounds, factors }: HashSizes, seed: number, device: Device): Tensor {
	return withTape(null, () =>
		scope(() =>
			transpose(normal([rounds, heads, headDim, rotationsPerRound(factors)], { seed }, device), [1, 2, 0, 3]),
		),
	);
}

/** Checks rotations that a call brings. */
export function checkRotations(name: string, rotations: Tensor, q: Tensor, sizes: HashSizes): void {
	checkOperands(name, { q, rotations });
	const expected = [sizes.heads, sizes.headDim, sizes.rounds, rotationsPerRound(sizes.factors)];
	if (!sameShape(rotations.shape, expected))
		throw new ShapeError(
			`${name}: argument rotations has shape ${formatShape(rotations.shape)}; expected ${formatShape(expected)} (heads, headDim, rounds, half the sum of the bucket factors ${sizes.factors.join(" + ")})`,
		);
}

/** Tokens that are hashed at once, so that their rotations take no more room than the queries, however many buckets there are. */
export function hashedAtOnce(length: number, headDim: number, rotations: number): number {
	return Math.min(length, Math.max(1, Math.floor((length * headDim) / rotations)));
}

/**
 * The bucket of every token: h(x) = argmax([xR; -xR]) (Kitaev et al. 2020, section 2), for each factor of the number of buckets
 * and put together as digits, that of the first factor the lowest. Read by the host, a round at a time; no gradient.
 *
 * @param q [batch, heads, length, headDim]
 * @param rotations [heads, headDim, rounds, half the sum of the factors]
 * @returns codes of each round in the order [batch, heads, length]
 */
export function hashTokens(q: Tensor, rotations: Tensor, factors: readonly number[]): Int32Array[] {
	const [batch, , length] = q.shape as [number, number, number, number];
	const [heads, headDim, rounds, width] = rotations.shape as [number, number, number, number];
	const widths = factors.map((factor) => factor / 2);
	const atOnce = hashedAtOnce(length, headDim, width);
	const codesOf = (own: Tensor, from: number): Int32Array => {
		const tokens = atOnce < length ? slice(q, 2, from, Math.min(length, from + atOnce)) : q;
		return scope(() => signedArgMax(matmul(tokens, own), widths).dataSync());
	};
	const ofRound = (round: number): Int32Array =>
		scope(() => {
			const own = reshape(slice(rotations, 2, round, round + 1), [heads, headDim, width]);
			if (atOnce === length) return codesOf(own, 0);
			const codes = new Int32Array(batch * heads * length);
			for (let from = 0; from < length; from += atOnce) {
				const part = scope(() => codesOf(own, from));
				const tokens = part.length / (batch * heads);
				for (let entry = 0; entry < batch * heads; entry++)
					codes.set(part.subarray(entry * tokens, (entry + 1) * tokens), entry * length + from);
			}
			return codes;
		});
	return withTape(null, () => Array.from({ length: rounds }, (_, round) => ofRound(round)));
}

/** Checks that queries serve as keys. */
export function checkShared(name: string, q: Tensor, k: Tensor): void {
	if (k !== q)
		throw new OptionError(
			`${name}: k must be the tensor q: LSH attention shares queries and keys; call it as attend(qk, qk, v)`,
		);
}
