import type { MatmulArguments, MatrixKernels } from "../backend.js";
import type { WasmEngine } from "./engine.js";
import { multiply, type Product } from "./product.js";

/** The same product in the form that the kernel handles best. */
function simplify(product: Product): Product {
	const { a, b, out, batch, m, n, k, aBatchStride, bBatchStride } = product;
	// Vectors are stored alike whether transposed or not.
	const transposeA = product.transposeA && m > 1;
	const transposeB = product.transposeB || n === 1;
	// A matrix times a column is a row times the transposed matrix.
	if (n === 1 && m > 1) {
		const swapped = { a: b, b: a, out, aBatchStride: bBatchStride, bBatchStride: aBatchStride };
		return simplify({ ...swapped, batch, m: 1, n: m, k, transposeA: false, transposeB: !transposeA });
	}
	// A shared b sees one tall a.
	if (batch > 1 && bBatchStride === 0 && aBatchStride === m * k && !transposeA) {
		return { ...product, batch: 1, m: batch * m, transposeA, transposeB };
	}
	return { ...product, transposeA, transposeB };
}

/** Matrix products. */
export function matrixKernels(engine: WasmEngine): MatrixKernels {
	return {
		matmul(args: MatmulArguments): void {
			const addresses = { a: engine.pointer(args.a), b: engine.pointer(args.b), out: engine.pointer(args.out) };
			multiply(engine, simplify({ ...args, ...addresses }), null, null);
		},
	};
}
