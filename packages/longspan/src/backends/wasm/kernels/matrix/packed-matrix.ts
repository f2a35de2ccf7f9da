import { TILE_COLUMNS } from "./block";
import { MatmulSize } from "./matmul-size";
import { PANEL_STRIDE } from "./pack";
import { elementShift, loadElement, scaleOf, storeElement } from "./packed-elements";
import { PackedFormat } from "./packed-format";
import { loadPart, maxLanes } from "../math/simd";
import { transposeBlock } from "../math/transpose";

// A packed matrix [outputs, depth] is what the product packs of a transposed b, but all of it: for each block of the depth, panels of
// `TILE_COLUMNS` outputs, in each of them the numbers of one depth after another. Outputs are padded to whole groups.

/** Address of the panel that starts with `output`, in the block of `depth` from `start` on. */
// @ts-ignore: decorator
@inline
export function panelAddress(format: i32, elements: usize, padded: i32, start: i32, depth: i32, output: i32): usize {
	return elements + ((<usize>start * <usize>padded + <usize>output * <usize>depth) << elementShift(format));
}

@unmanaged
class PackArguments {
	/** [rows, depth] floats, the outputs from `firstRow` on. */
	source!: usize;
	elements!: usize;
	/** Factors of the outputs, 0 for formats that have none. */
	scales!: usize;
	format!: i32;
	firstRow!: i32;
	rows!: i32;
	k!: i32;
	padded!: i32;
	depthBlock!: i32;
}

/** The largest |x|. */
function largestMagnitude(count: i32, x: usize): f32 {
	let largest = f32x4.splat(0);
	for (; count >= 4; count -= 4) {
		largest = f32x4.pmax(largest, f32x4.abs(v128.load(x)));
		x += 16;
	}
	if (count > 0) largest = f32x4.pmax(largest, f32x4.abs(loadPart(x, count)));
	return maxLanes(largest);
}

/** Part of a row; its elements are a panel's width apart. `format` is constant. */
// @ts-ignore: decorator
@inline
function storeRow(format: i32, depth: i32, scale: f32, source: usize, target: usize): void {
	for (; depth > 0; depth--) {
		storeElement(format, target, load<f32>(source), scale);
		source += 4;
		target += <usize>TILE_COLUMNS << elementShift(format);
	}
}

function storeRowOf(format: i32, depth: i32, scale: f32, source: usize, target: usize): void {
	if (format == PackedFormat.float16) storeRow(PackedFormat.float16, depth, scale, source, target);
	else if (format == PackedFormat.bfloat16) storeRow(PackedFormat.bfloat16, depth, scale, source, target);
	else storeRow(PackedFormat.int8, depth, scale, source, target);
}

/** Those rows that are outputs of the panel that starts with `output`. */
function packPanel(a: PackArguments, output: i32): void {
	const low = max(output, a.firstRow);
	const high = min(output + TILE_COLUMNS, a.firstRow + a.rows);
	const stride = <usize>a.k << 2;
	const source = a.source + <usize>(low - a.firstRow) * stride;
	if (a.scales != 0) {
		for (let row = low; row < high; row++) {
			const largest = largestMagnitude(a.k, source + <usize>(row - low) * stride);
			store<f32>(a.scales + (<usize>row << 2), scaleOf(a.format, largest));
		}
	}
	for (let t = 0; t < a.k; t += a.depthBlock) {
		const depth = min(a.depthBlock, a.k - t);
		const shift = elementShift(a.format);
		const target = panelAddress(a.format, a.elements, a.padded, t, depth, output) + (<usize>(low - output) << shift);
		const from = source + (<usize>t << 2);
		if (a.format == PackedFormat.float32) {
			transposeBlock(high - low, depth, from, stride, target, PANEL_STRIDE);
			continue;
		}
		for (let row = low; row < high; row++) {
			const scale: f32 = a.scales == 0 ? 1 : load<f32>(a.scales + (<usize>row << 2));
			const at = <usize>(row - low);
			storeRowOf(a.format, depth, scale, from + at * stride, target + (at << shift));
		}
	}
}

/** Writes rows of a packed matrix. Items are groups of outputs, from that of the first row on. */
export function packRows(args: usize, first: i32, last: i32): void {
	const a = changetype<PackArguments>(args);
	const start = a.firstRow / MatmulSize.group;
	const end = a.firstRow + a.rows;
	for (let output = (start + first) * MatmulSize.group; output < (start + last) * MatmulSize.group; output += TILE_COLUMNS) {
		if (output + TILE_COLUMNS > a.firstRow && output < end) packPanel(a, output);
	}
}

@unmanaged
class GatherPackedArguments {
	elements!: usize;
	/** 0 for none. */
	scales!: usize;
	format!: i32;
	ids!: usize;
	out!: usize;
	k!: i32;
	padded!: i32;
	depthBlock!: i32;
}

/** Part of a row, times a factor. `format` is constant. */
// @ts-ignore: decorator
@inline
function loadRow(format: i32, depth: i32, factor: f32, source: usize, target: usize): void {
	for (; depth > 0; depth--) {
		store<f32>(target, loadElement(format, source) * factor);
		source += <usize>TILE_COLUMNS << elementShift(format);
		target += 4;
	}
}

function loadRowOf(format: i32, depth: i32, factor: f32, source: usize, target: usize): void {
	if (format == PackedFormat.float32) loadRow(PackedFormat.float32, depth, factor, source, target);
	else if (format == PackedFormat.float16) loadRow(PackedFormat.float16, depth, factor, source, target);
	else if (format == PackedFormat.bfloat16) loadRow(PackedFormat.bfloat16, depth, factor, source, target);
	else loadRow(PackedFormat.int8, depth, factor, source, target);
}

/** Rows of a packed matrix by id. Items are the ids. */
export function gatherPacked(args: usize, first: i32, last: i32): void {
	const a = changetype<GatherPackedArguments>(args);
	for (let i = first; i < last; i++) {
		const id = load<i32>(a.ids + (<usize>i << 2));
		const lane = id & (TILE_COLUMNS - 1);
		const factor: f32 = a.scales == 0 ? 1 : load<f32>(a.scales + (<usize>id << 2));
		let out = a.out + ((<usize>i * <usize>a.k) << 2);
		for (let t = 0; t < a.k; t += a.depthBlock) {
			const depth = min(a.depthBlock, a.k - t);
			const panel = panelAddress(a.format, a.elements, a.padded, t, depth, id - lane);
			loadRowOf(a.format, depth, factor, panel + (<usize>lane << elementShift(a.format)), out);
			out += <usize>depth << 2;
		}
	}
}
