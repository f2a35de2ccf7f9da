import type { MatmulArguments, MatrixKernels } from "../backend.js";
import { type WasmEngine, workOfFlops } from "./engine.js";
import { KernelId } from "./kernels/kernel-id.js";
import { MatmulMethod } from "./kernels/matrix/matmul-method.js";
import { MatmulSize } from "./kernels/matrix/matmul-size.js";
import { choosePartition, partsOf } from "./matrix-partition.js";
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

type Product = Omit<MatmulArguments, "out">;

/** The same product in the form that the kernel handles best. */
function simplify(product: Product): Product {
	const { a, b, batch, m, n, k, aBatchStride, bBatchStride } = product;
	// Vectors are stored alike whether transposed or not.
	const transposeA = product.transposeA && m > 1;
	const transposeB = product.transposeB || n === 1;
	// A matrix times a column is a row times the transposed matrix.
	if (n === 1 && m > 1) {
		const swapped = { a: b, b: a, aBatchStride: bBatchStride, bBatchStride: aBatchStride };
		return simplify({ ...swapped, batch, m: 1, n: m, k, transposeA: false, transposeB: !transposeA });
	}
	// A shared b sees one tall a.
	if (batch > 1 && bBatchStride === 0 && aBatchStride === m * k && !transposeA) {
		return { ...product, batch: 1, m: batch * m, transposeA, transposeB };
	}
	return { ...product, transposeA, transposeB };
}

function chooseMethod({ m, transposeA, transposeB }: Product): MatmulMethod {
	if (transposeB && !transposeA && m <= mostDotRows) return MatmulMethod.dots;
	return m === 1 ? MatmulMethod.row : MatmulMethod.tiles;
}

function multiply(engine: WasmEngine, args: MatmulArguments): void {
	const product = simplify(args);
	const { a, b, batch, m, n, k, transposeA, transposeB } = product;
	if (batch * m * n === 0) return;
	const method = chooseMethod(product);
	const { rowBlock, columnBlock } = choosePartition(batch, m, n, k, engine.threads);
	const rowBlocks = Math.ceil(m / rowBlock);
	const columnBlocks = Math.ceil(n / columnBlock);
	// Depends on k only, for so does the rounding of the result.
	const depthBlock = Math.ceil(k / partsOf(k, MatmulSize.depth));
	const tiles = method === MatmulMethod.tiles;
	const packB = tiles && (transposeB || (rowBlock >= fewestPackedRows && columnBlock * k > cachedFloats));
	const copyA = tiles && columnBlock >= fewestCopiedColumns && (transposeA ? m >= longTransposedRow : k >= longRow);
	const scratch = new ScratchLayout([
		method === MatmulMethod.row ? columnBlock : 1,
		packB ? Math.ceil(columnBlock / MatmulSize.panel) * MatmulSize.panel * depthBlock : 0,
		copyA ? MatmulSize.rows * (depthBlock + MatmulSize.padding) : 0,
	]);
	engine.reserveScratch(scratch.bytes);
	const flops = 2 * batch * m * n * k;
	engine.dispatch(KernelId.matmul, batch * rowBlocks * columnBlocks, workOfFlops(flops), [
		...[method, engine.pointer(a), engine.pointer(b), engine.pointer(args.out), m, n, k],
		...[product.aBatchStride * 4, product.bBatchStride * 4, Number(transposeA), Number(transposeB)],
		...[rowBlock, rowBlocks, columnBlock, columnBlocks, depthBlock],
		...[Number(copyA), Number(packB), ...scratch.offsets],
	]);
	engine.countFlops(flops);
}

/** Matrix products. */
export function matrixKernels(engine: WasmEngine): MatrixKernels {
	return {
		matmul: (args) => multiply(engine, args),
	};
}
