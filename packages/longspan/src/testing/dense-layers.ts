import type { Tensor } from "../tensor/tensor.js";
import { exactValues } from "./tensor-gradient.js";

/** Rows of numbers: layers written out as loops, for tests. */
export type Matrix = readonly (readonly number[])[];

/** The rows of a tensor on the reference device. */
export function rowsOf(x: Tensor): Matrix {
	const width = x.shape[x.rank - 1] as number;
	const values = Array.from(exactValues(x));
	return Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));
}

export const product = (a: Matrix, b: Matrix): number[][] =>
	a.map((row) =>
		(b[0] as number[]).map((_, column) => row.reduce((sum, x, at) => sum + x * (b[at]?.[column] as number), 0)),
	);

export const plus = (a: Matrix, b: Matrix): number[][] =>
	a.map((row, at) => row.map((x, column) => x + ((b[at] ?? b[0])?.[column] as number)));

/** Layer norm with scale 1 and shift 0. */
export const normalized = (x: Matrix): number[][] =>
	x.map((row) => {
		const mean = row.reduce((a, b) => a + b, 0) / row.length;
		const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
		return row.map((value) => (value - mean) / Math.sqrt(variance + 1e-5));
	});

/** Causal softmax attention of one head. */
export const attended = (q: Matrix, k: Matrix, v: Matrix): number[][] =>
	q.map((query, i) => {
		const weights = k
			.slice(0, i + 1)
			.map((key) => Math.exp(query.reduce((sum, x, c) => sum + x * (key[c] as number), 0) / Math.sqrt(query.length)));
		const total = weights.reduce((a, b) => a + b, 0);
		return (v[0] as number[]).map(
			(_, c) => weights.reduce((sum, weight, j) => sum + weight * (v[j]?.[c] as number), 0) / total,
		);
	});

/** Multi-head attention where every `heads` / `keyValueHeads` heads share keys and values. */
export function multiHeadRows(
	x: Matrix,
	weights: { query: Matrix; key: Matrix; value: Matrix; output: Matrix },
	heads: number,
	keyValueHeads: number,
): number[][] {
	const headDim = (weights.query[0] as number[]).length / heads;
	const head = (rows: Matrix, index: number) => rows.map((row) => row.slice(index * headDim, (index + 1) * headDim));
	const [q, k, v] = [product(x, weights.query), product(x, weights.key), product(x, weights.value)];
	const outputs = Array.from({ length: heads }, (_, index) => {
		const shared = Math.floor((index * keyValueHeads) / heads);
		return attended(head(q, index), head(k, shared), head(v, shared));
	});
	return product(
		x.map((_, row) => outputs.flatMap((output) => output[row] as number[])),
		weights.output,
	);
}
