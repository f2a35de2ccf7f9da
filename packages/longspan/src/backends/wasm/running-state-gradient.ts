import type { RunningStateGradientArguments } from "../backend.js";
import { optionalPointer, type WasmEngine, workOfFlops } from "./engine.js";
import { KernelId } from "./kernels/kernel-id.js";
import { RunningStatePhase } from "./kernels/running-state/running-state-phase.js";
import { RunningStateSize } from "./kernels/running-state/running-state-size.js";
import { chooseSegments, chunkPairs, type Segments } from "./running-state-sizes.js";
import { ScratchLayout } from "./scratch-layout.js";

const { chunk, longSumHeader } = RunningStateSize;

/**
 * Gradients of the running state. The states before the chunks are computed once more, forward, and kept for a span of
 * chunks; then those chunks are done backward. A thread keeps about `keptBytes` of states at a time; sequences that need
 * more cost one more forward walk, which finds the states between the spans.
 */
export function runningStateGradient(
	engine: WasmEngine,
	args: RunningStateGradientArguments,
	keptBytes = 8 * 2 ** 20,
): void {
	const { length, headDim, valueDim } = args;
	const heads = args.batch * args.heads;
	const columns = valueDim + (args.denominator ? 1 : 0);
	const stateLength = headDim * columns;
	const segments = chooseSegments(heads, length);
	const spans = chooseSpans(segments, keptBytes / (4 * stateLength));
	const scratch = layOut(headDim, valueDim, stateLength, spans);
	engine.reserveScratch(scratch.bytes);
	const run = (phase: RunningStatePhase, items: number, flops: number, boundaries: number): void => {
		engine.dispatch(KernelId.runningStateGradient, items, workOfFlops(flops), [
			phase,
			length,
			headDim,
			valueDim,
			segments.count,
			segments.length,
			spans.chunks,
			...tensors(engine, args),
			boundaries,
			...scratch.offsets,
		]);
		engine.countFlops(flops);
	};
	const stateFlops = 2 * length * stateLength;
	const walks = 5 + (spans.count - 1) / spans.count;
	const scoreFlops = 2 * chunkPairs(length) * (3 * headDim + 2 * columns);
	const gradientFlops = Math.round(heads * (scoreFlops + walks * stateFlops));
	if (segments.count === 1) {
		run(RunningStatePhase.outputs, heads, gradientFlops, 0);
		return;
	}
	const inner = heads * (segments.count - 1);
	engine.withTemporary(2 * inner * (stateLength + 1) * 4, (boundaries) => {
		run(RunningStatePhase.segmentStates, 2 * inner, 4 * inner * segments.length * stateLength, boundaries);
		run(RunningStatePhase.scan, heads, 4 * inner * stateLength, boundaries);
		run(RunningStatePhase.outputs, heads * segments.count, gradientFlops, boundaries);
	});
}

interface Spans {
	readonly count: number;
	/** Chunks of each but the last. */
	readonly chunks: number;
}

/** One span if its chunks are at most `kept`; never so short that the states between spans outnumber those within. */
function chooseSpans(segments: Segments, kept: number): Spans {
	const all = Math.max(1, Math.ceil(segments.length / chunk));
	const chunks = Math.min(all, Math.max(Math.floor(kept), Math.ceil(Math.sqrt(all))));
	return { count: Math.ceil(all / chunks), chunks };
}

/** The pointers of the kernel's arguments, in order. */
function tensors(engine: WasmEngine, args: RunningStateGradientArguments): number[] {
	return [
		args.q,
		args.k,
		args.v,
		args.logDecay,
		args.initialState?.sum,
		args.initialState?.normalizer,
		args.out,
		args.denominator,
		args.dOut,
		args.dFinalState?.sum,
		args.dFinalState?.normalizer,
		args.dq,
		args.dk,
		args.dv,
		args.dLogDecay,
		args.dInitialState?.sum,
		args.dInitialState?.normalizer,
	].map((buffer) => optionalPointer(engine, buffer));
}

/** The scratch offsets of the kernel's arguments, in order. */
function layOut(headDim: number, valueDim: number, stateLength: number, spans: Spans): ScratchLayout {
	return new ScratchLayout([
		3 * chunk,
		headDim * chunk,
		valueDim * chunk,
		chunk * chunk,
		chunk,
		chunk * (valueDim + 4),
		chunk * Math.max(headDim, valueDim + 4),
		longSumHeader / 4,
		2 * stateLength,
		(spans.chunks + 1) * stateLength,
		spans.count * stateLength,
		longSumHeader / 4,
		2 * stateLength,
		stateLength,
		stateLength,
	]);
}
