// What the gradient of softmax attention does before and after its tiles, 64 rows of a head at a time.
import { dkOf, dqOf, dvOf, SoftmaxGradientArguments } from "./softmax-gradient-arguments";
import { TILE } from "./tile-plan";
import { dot, scaleAndAdd } from "../math/vectors";

/** Items of 64 rows a head has, of queries or keys, whichever are more. */
// @ts-ignore: decorator
@inline
function itemsPerHead(a: SoftmaxGradientArguments): i32 {
	return (max(a.queryLength, a.keyLength) + TILE - 1) / TILE;
}

/** Finds delta and clears all outputs, partial ones included. */
export function prepareRows(a: SoftmaxGradientArguments, item: i32): void {
	const entry = item / itemsPerHead(a);
	const tile = item % itemsPerHead(a);
	findDelta(a, entry, tile * TILE, min((tile + 1) * TILE, a.queryLength));
	for (let share = 0; share < a.shares; share++) {
		clearRows(dqOf(a, share), entry, tile, a.queryLength, a.headDim);
		if (share > 0 && a.partialKeys == 0) continue;
		clearRows(dkOf(a, share), entry, tile, a.keyLength, a.headDim);
		clearRows(dvOf(a, share), entry, tile, a.keyLength, a.valueDim);
	}
}

/** delta = dOut·out - dLogSumExp. A query that saw nothing gets 0: its gradients are all 0 whatever arrives. */
function findDelta(a: SoftmaxGradientArguments, entry: i32, first: i32, last: i32): void {
	const bytes = (<usize>a.valueDim) << 2;
	for (let i = first; i < last; i++) {
		const row = <usize>entry * <usize>a.queryLength + <usize>i;
		let delta: f32 = 0;
		if (load<f32>(a.logSumExp + (row << 2)) != -Infinity) {
			delta = dot(a.valueDim, a.dOut + row * bytes, a.out + row * bytes);
			if (a.dLogSumExp != 0) delta -= load<f32>(a.dLogSumExp + (row << 2));
		}
		store<f32>(a.delta + (row << 2), delta);
	}
}

function clearRows(target: usize, entry: i32, tile: i32, length: i32, width: i32): void {
	const rows = min(TILE, length - tile * TILE);
	if (rows <= 0) return;
	const bytes = (<usize>width) << 2;
	memory.fill(target + (<usize>entry * <usize>length + <usize>(tile * TILE)) * bytes, 0, <usize>rows * bytes);
}

/** Adds the partial outputs to those of share 0, in the order of the shares. */
export function addPartialRows(a: SoftmaxGradientArguments, item: i32): void {
	const entry = item / itemsPerHead(a);
	const tile = item % itemsPerHead(a);
	for (let share = 1; share < a.shares; share++) {
		addRows(dqOf(a, share), a.dq, entry, tile, a.queryLength, a.headDim);
		if (a.partialKeys == 0) continue;
		addRows(dkOf(a, share), a.dk, entry, tile, a.keyLength, a.headDim);
		addRows(dvOf(a, share), a.dv, entry, tile, a.keyLength, a.valueDim);
	}
}

function addRows(source: usize, target: usize, entry: i32, tile: i32, length: i32, width: i32): void {
	const rows = min(TILE, length - tile * TILE);
	if (rows <= 0) return;
	const offset = ((<usize>entry * <usize>length + <usize>(tile * TILE)) * <usize>width) << 2;
	scaleAndAdd(rows * width, 1, source + offset, target + offset, target + offset);
}
