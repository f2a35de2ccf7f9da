import { floatBits, type SoftmaxAttentionGradientArguments } from "../backend.js";
import { planFacts } from "./encoded-plan-facts.js";
import { optionalPointer, type WasmEngine, workOfFlops } from "./engine.js";
import { KernelId } from "./kernels/kernel-id.js";
import { SoftmaxGradientPhase } from "./kernels/softmax-attention/softmax-gradient-phase.js";
import { ScratchLayout } from "./scratch-layout.js";
import { slotsLength, strip, tile, visibleLength, walkLength, withPlans } from "./softmax-attention-shared.js";

/** Heads times shares that keep common numbers of threads busy. */
const wantedItems = 8;
/** Tiles of keys of the smallest share worth having. */
const smallestShare = 4;

/**
 * Into how many shares the tiles of keys of a head are cut, so that threads can work on the same head. The first share needs no
 * memory, every other one its own dq. Depends on the sizes only, never on the number of threads, so that neither do the results.
 */
export function sharesPerHead(entries: number, rowTiles: number): number {
	return Math.max(1, Math.min(Math.ceil(wantedItems / entries), Math.ceil(rowTiles / smallestShare)));
}

/** In the order of kernels/softmax-attention/softmax-gradient-arguments.ts. */
function layOut(headDim: number, valueDim: number): ScratchLayout {
	const widths = [headDim, headDim, valueDim, valueDim, strip, strip, headDim, headDim, valueDim, valueDim, headDim];
	return new ScratchLayout([
		...[walkLength, visibleLength, slotsLength, slotsLength, slotsLength, tile, tile],
		...widths.map((width) => width * tile),
	]);
}

/** Gradient of softmax attention over tile plans. */
export function softmaxAttentionGradient(engine: WasmEngine, args: SoftmaxAttentionGradientArguments): void {
	const { batch, heads, queryLength, keyLength, headDim, valueDim } = args;
	const entries = batch * heads;
	const { rowTiles, tilesPerHead, listsRows } = planFacts(args.transposedPlans);
	const shares = sharesPerHead(entries, rowTiles);
	const dqBytes = entries * queryLength * headDim * 4;
	const dkBytes = entries * keyLength * headDim * 4;
	const dvBytes = entries * keyLength * valueDim * 4;
	// Where keys are listed, the same key may be in tiles of two shares.
	const ownKeys = shares > 1 && listsRows;
	const partialBytes = ownKeys ? dqBytes + dkBytes + dvBytes : dqBytes;
	const scratch = layOut(headDim, valueDim);
	engine.reserveScratch(scratch.bytes);
	const pointers = [args.out, args.logSumExp, args.dOut].map((buffer) => engine.pointer(buffer));
	const gradients = [args.dq, args.dk, args.dv].map((buffer) => engine.pointer(buffer));
	const flopsPerPair = 6 * headDim + 4 * valueDim;

	engine.withTemporary(entries * queryLength * 4, (delta) => {
		engine.withTemporary((shares - 1) * partialBytes, (partials) => {
			withPlans(engine, args.transposedPlans, flopsPerPair, (plans, counters) => {
				const run = (phase: SoftmaxGradientPhase, items: number, work: number) =>
					engine.dispatch(KernelId.softmaxAttentionGradient, items, work, [
						...[phase, engine.pointer(args.q), engine.pointer(args.k), engine.pointer(args.v)],
						...[optionalPointer(engine, args.keyMask), plans, ...pointers, optionalPointer(engine, args.dLogSumExp)],
						...[...gradients, delta, counters],
						...[entries, heads, queryLength, keyLength, headDim, valueDim, floatBits(args.scale)],
						...[shares, partials, partialBytes, ownKeys ? dqBytes : 0, ownKeys ? dqBytes + dkBytes : 0],
						...scratch.offsets,
					]);
				const rowItems = entries * Math.ceil(Math.max(queryLength, keyLength) / tile);
				const rowWork = (dqBytes + dkBytes + dvBytes) / 8;
				run(SoftmaxGradientPhase.prepare, rowItems, rowWork);
				run(
					SoftmaxGradientPhase.tiles,
					entries * shares,
					workOfFlops(entries * tilesPerHead * tile * Math.min(tile, queryLength) * flopsPerPair),
				);
				if (shares > 1) run(SoftmaxGradientPhase.addPartials, rowItems, rowWork);
			});
		});
	});
}
