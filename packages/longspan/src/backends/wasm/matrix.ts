import type { MatmulArguments, MatrixKernels } from "../backend.js";
import type { WasmEngine } from "./engine.js";
import { KernelId } from "./kernels/kernel-id.js";
import { MatmulMethod } from "./kernels/matmul-method.js";
import { MatmulSize } from "./kernels/matmul-size.js";

/** Up to this many rows, dot products beat transposing b. */
const mostDotRows = 8;
/** A packed b is worth its while from this many rows on, unless b as it lies fits the L1 cache. */
const fewestPackedRows = 32;
const cachedFloats = 8192;
/** Items wanted for each thread, so that one that is late does not hold up the others, and the smallest worth cutting, in multiplications. */
const itemsPerThread = 4;
const smallestCut = 500_000;
/** Blocks of rows and columns are multiples of these where there are enough, as the register tiles of all builds like. */
const rowUnit = 60;
const columnUnit = 16;

const scratchBytes = 4 * (MatmulSize.columns * MatmulSize.depth + MatmulSize.rows * (MatmulSize.depth + MatmulSize.padding)) + 64;

type Product = Omit<MatmulArguments, "out">;

/** The same product in the form that the kernel handles best. */
function simplify(product: Product): Product {
	const { a, b, batch, m, n, k, aBatchStride, bBatchStride, transposeA, transposeB } = product;
	// A matrix times a column is a row times the transposed matrix.
	if (n === 1 && m > 1) {
		const swapped = { a: b, b: a, aBatchStride: bBatchStride, bBatchStride: aBatchStride };
		return simplify({ ...swapped, batch, m: 1, n: m, k, transposeA: false, transposeB: !transposeA });
	}
	// A shared b sees one tall a.
	if (batch > 1 && bBatchStride === 0 && aBatchStride === m * k && (!transposeA || m === 1)) {
		return { ...product, batch: 1, m: batch * m, transposeA: false };
	}
	return product;
}

function chooseMethod({ m, transposeA, transposeB }: Product): MatmulMethod {
	if (transposeB && m <= mostDotRows && (m === 1 || !transposeA)) return MatmulMethod.dots;
	return m === 1 ? MatmulMethod.row : MatmulMethod.tiles;
}

/** Blocks of equal size, a multiple of `unit` if there are several. */
function blockLength(length: number, blocks: number, unit: number): number {
	return blocks === 1 ? length : Math.min(length, Math.ceil(length / blocks / unit) * unit);
}

/** How the rows and columns of one product are cut into items. Has no influence on the result. */
export function choosePartition(batch: number, m: number, n: number, k: number, threads: number): { rowBlock: number; columnBlock: number } {
	let rowBlock = m;
	let columnBlock = blockLength(n, Math.ceil(n / MatmulSize.columns), columnUnit);
	const wanted = threads === 1 ? 1 : threads * itemsPerThread;
	while (batch * Math.ceil(m / rowBlock) * Math.ceil(n / columnBlock) < wanted && rowBlock * columnBlock * k >= smallestCut) {
		if (rowBlock >= columnBlock && rowBlock > rowUnit) rowBlock = blockLength(rowBlock, 2, rowUnit);
		else if (columnBlock > columnUnit) columnBlock = blockLength(columnBlock, 2, columnUnit);
		else break;
	}
	return { rowBlock, columnBlock };
}

/** Whether rows of a block of a, or its columns if a is transposed, lie so that they drive each other out of the caches. */
function wantsCopy({ m, k, transposeA }: Product, columnBlock: number): boolean {
	return (globalThis as any).FORCE_COPY ?? columnBlock >= 64;
}

function multiply(engine: WasmEngine, args: MatmulArguments): void {
	const product = simplify(args);
	const { a, b, batch, m, n, k, transposeA, transposeB } = product;
	if (batch * m * n === 0) return;
	const method = chooseMethod(product);
	const { rowBlock, columnBlock } = choosePartition(batch, m, n, k, engine.threads);
	const rowBlocks = Math.ceil(m / rowBlock);
	const columnBlocks = Math.ceil(n / columnBlock);
	const packB = transposeB || (rowBlock >= fewestPackedRows && columnBlock * k > cachedFloats);
	const copyA = wantsCopy(product, columnBlock);
	const flops = 2 * batch * m * n * k;
	engine.reserveScratch(scratchBytes);
	engine.dispatch(KernelId.matmul, batch * rowBlocks * columnBlocks, flops / 16, [
		...[method, engine.pointer(a), engine.pointer(b), engine.pointer(args.out), m, n, k],
		...[product.aBatchStride * 4, product.bBatchStride * 4, Number(transposeA), Number(transposeB)],
		...[rowBlock, rowBlocks, columnBlock, columnBlocks, Number(copyA), Number(packB)],
	]);
	engine.countFlops(flops);
}

/** Matrix products. */
export function matrixKernels(engine: WasmEngine): MatrixKernels {
	return {
		matmul: (args) => multiply(engine, args),
	};
}
