import { floatBits, type SoftmaxAttentionArguments, type SoftmaxAttentionKernels } from "../backend.js";
import { fill } from "./elementwise.js";
import { planFacts } from "./encoded-plan-facts.js";
import { optionalPointer, type WasmEngine, workOfFlops } from "./engine.js";
import { KernelId } from "./kernels/kernel-id.js";
import { ScratchLayout } from "./scratch-layout.js";
import { softmaxAttentionGradient } from "./softmax-attention-gradient.js";
import { slotsLength, strip, tile, visibleLength, walkLength, withPlans } from "./softmax-attention-shared.js";

/** In the order of the arguments in kernels/softmax-attention/softmax-attention.ts. */
function layOut(headDim: number, valueDim: number): ScratchLayout {
	return new ScratchLayout([
		...[walkLength, visibleLength, slotsLength, slotsLength, tile, tile],
		...[headDim, strip, valueDim, headDim, valueDim].map((width) => width * tile),
	]);
}

function softmaxAttention(engine: WasmEngine, args: SoftmaxAttentionArguments): void {
	const { batch, heads, queryLength, keyLength, headDim, valueDim } = args;
	const { rowTiles, tilesPerHead, listsRows } = planFacts(args.plans);
	if (listsRows) {
		// For queries that are in no tile.
		fill(engine, args.out, 0);
		fill(engine, args.logSumExp, Number.NEGATIVE_INFINITY);
	}
	const scratch = layOut(headDim, valueDim);
	engine.reserveScratch(scratch.bytes);
	const flopsPerPair = 2 * (headDim + valueDim);
	const pairs = batch * heads * tilesPerHead * tile * Math.min(tile, queryLength);
	withPlans(engine, args.plans, flopsPerPair, (plans, counters) => {
		engine.dispatch(KernelId.softmaxAttention, batch * heads * rowTiles, workOfFlops(pairs * flopsPerPair), [
			...[
				engine.pointer(args.q),
				engine.pointer(args.k),
				engine.pointer(args.v),
				optionalPointer(engine, args.keyMask),
			],
			...[plans, engine.pointer(args.out), engine.pointer(args.logSumExp), counters],
			...[heads, queryLength, keyLength, headDim, valueDim, rowTiles, floatBits(args.scale)],
			...scratch.offsets,
		]);
	});
}

/** Attention over tile plans, forward and backward. */
export function softmaxAttentionKernels(
	engine: WasmEngine,
): Pick<SoftmaxAttentionKernels, "softmaxAttention" | "softmaxAttentionGradient"> {
	return {
		softmaxAttention: (args) => softmaxAttention(engine, args),
		softmaxAttentionGradient: (args) => softmaxAttentionGradient(engine, args),
	};
}
