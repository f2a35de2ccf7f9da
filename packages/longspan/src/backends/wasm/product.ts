import { type WasmEngine, workOfFlops } from "./engine.js";
import { KernelId } from "./kernels/kernel-id.js";
import { MatmulMethod } from "./kernels/matrix/matmul-method.js";
import { MatmulSize } from "./kernels/matrix/matmul-size.js";
import { PackedFormat } from "./kernels/matrix/packed-format.js";
import { choosePartition, depthBlockOf, type Partition } from "./matrix-partition.js";
import { ScratchLayout } from "./scratch-layout.js";

/** Up to this many rows, dot products beat transposing b. */
const mostDotRows = 4;
/** A packed b is worth its while from this many rows on, unless b as it lies fits the L1 cache. */
const fewestPackedRows = 32;
const cachedFloats = 8192;
/**
 * Blocks of a are copied if that many columns use the copy and the rows of a as it is stored are that long: then the rows of a tile, or
 * its depth if a is transposed, would be spread over many pages.
 */
const fewestCopiedColumns = 64;
const longRow = 1024;
const longTransposedRow = 128;

/** How a matrix that was packed once is stored. */
export interface PackedLayout {
	readonly format: PackedFormat;
	/** Outputs, with those that fill the last group. */
	readonly padded: number;
}

/** What the kernel does to sums before they leave the cache. Addresses are 0 for none. */
export interface Finish {
	/** Factors and summands of the columns. */
	readonly scales: number;
	readonly bias: number;
	/** A `UnaryCode`, or -1 for none. */
	readonly activation: number;
}

/** Matrix products as the kernel takes them: `MatmulArguments` with addresses for buffers. */
export interface Product {
	readonly a: number;
	readonly b: number;
	readonly out: number;
	readonly batch: number;
	readonly m: number;
	readonly n: number;
	readonly k: number;
	readonly aBatchStride: number;
	readonly bBatchStride: number;
	readonly transposeA: boolean;
	/** True for a packed b. */
	readonly transposeB: boolean;
}

function chooseMethod({ m, transposeA, transposeB }: Product, packed: PackedLayout | null): MatmulMethod {
	if (packed) return m <= MatmulSize.fewRows ? MatmulMethod.fewRows : MatmulMethod.tiles;
	if (transposeB && !transposeA && m <= mostDotRows) return MatmulMethod.dots;
	return m === 1 ? MatmulMethod.row : MatmulMethod.tiles;
}

/** Floats of a block of b that is brought into the order of the tiles, or expanded, before it is used. */
function packedFloats(
	{ transposeB, k }: Product,
	packed: PackedLayout | null,
	{ rowBlock, columnBlock }: Partition,
): number {
	const needed = packed
		? packed.format !== PackedFormat.float32
		: transposeB || (rowBlock >= fewestPackedRows && columnBlock * k > cachedFloats);
	return needed ? Math.ceil(columnBlock / MatmulSize.panel) * MatmulSize.panel * depthBlockOf(k) : 0;
}

function sumsOf(method: MatmulMethod, { columnBlock }: Partition): number {
	if (method === MatmulMethod.fewRows) return MatmulSize.fewRows * MatmulSize.group;
	return method === MatmulMethod.row ? columnBlock : 1;
}

/** Runs the matmul kernel. `packed` says that b is a packed matrix. */
export function multiply(
	engine: WasmEngine,
	product: Product,
	packed: PackedLayout | null,
	finish: Finish | null,
): void {
	const { batch, m, n, k, transposeA, transposeB } = product;
	if (batch * m * n === 0) return;
	const method = chooseMethod(product, packed);
	const tiles = method === MatmulMethod.tiles;
	const partition =
		method === MatmulMethod.fewRows
			? { rowBlock: m, columnBlock: MatmulSize.group }
			: choosePartition(batch, m, n, k, engine.threads);
	const { rowBlock, columnBlock } = partition;
	const rowBlocks = Math.ceil(m / rowBlock);
	const columnBlocks = Math.ceil(n / columnBlock);
	const depthBlock = depthBlockOf(k);
	const blockFloats = tiles ? packedFloats(product, packed, partition) : 0;
	const copyA = tiles && columnBlock >= fewestCopiedColumns && (transposeA ? m >= longTransposedRow : k >= longRow);
	const scratch = new ScratchLayout([
		sumsOf(method, partition),
		blockFloats,
		copyA ? MatmulSize.rows * (depthBlock + MatmulSize.padding) : 0,
	]);
	engine.reserveScratch(scratch.bytes);
	const flops = 2 * batch * m * n * k;
	engine.dispatch(KernelId.matmul, batch * rowBlocks * columnBlocks, workOfFlops(flops), [
		...[method, product.a, product.b, product.out, m, n, k],
		...[product.aBatchStride * 4, product.bBatchStride * 4, Number(transposeA), Number(transposeB)],
		...[rowBlock, rowBlocks, columnBlock, columnBlocks, depthBlock],
		...[Number(copyA), Number(!packed && blockFloats > 0), ...scratch.offsets],
		...[packed?.format ?? PackedFormat.none, packed?.padded ?? 0],
		...[finish?.scales ?? 0, finish?.bias ?? 0, finish?.activation ?? -1],
	]);
	engine.countFlops(flops);
}
