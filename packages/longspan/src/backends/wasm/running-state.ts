import { floatBits, type RunningStateArguments, type RunningStateKernels } from "../backend.js";
import { optionalPointer, type WasmEngine, workOfFlops } from "./engine.js";
import { KernelId } from "./kernels/kernel-id.js";
import { RunningStatePhase } from "./kernels/running-state/running-state-phase.js";
import { RunningStateSize } from "./kernels/running-state/running-state-size.js";
import { runningStateGradient } from "./running-state-gradient.js";
import { chooseSegments, chunkPairs } from "./running-state-sizes.js";
import { ScratchLayout } from "./scratch-layout.js";

const { chunk, steps, longSumHeader } = RunningStateSize;

/** Attention as a running state, in chunks; short sequences, as in decoding, step by step. */
export function runningStateKernels(engine: WasmEngine): RunningStateKernels {
	return {
		runningState: (args) => runningState(engine, args),
		runningStateGradient: (args) => runningStateGradient(engine, args),
	};
}

function runningState(engine: WasmEngine, args: RunningStateArguments): void {
	const { length, headDim, valueDim } = args;
	const heads = args.batch * args.heads;
	const columns = valueDim + (args.denominator ? 1 : 0);
	const stateLength = headDim * columns;
	const segments = chooseSegments(heads, length);
	const scratch = layOut(headDim, valueDim, stateLength);
	engine.reserveScratch(scratch.bytes);
	const run = (phase: RunningStatePhase, items: number, flops: number, segmentStates: number): void => {
		engine.dispatch(KernelId.runningState, items, workOfFlops(flops), [
			phase,
			length,
			headDim,
			valueDim,
			segments.count,
			segments.length,
			floatBits(args.epsilon),
			...tensors(engine, args),
			segmentStates,
			...scratch.offsets,
		]);
		engine.countFlops(flops);
	};
	const stateFlops = 2 * length * stateLength;
	if (length > 0 && length <= steps) {
		run(RunningStatePhase.steps, heads, heads * 2 * stateFlops, 0);
		return;
	}
	const outputFlops = heads * (2 * chunkPairs(length) * (headDim + columns) + 2 * stateFlops);
	if (segments.count === 1) {
		run(RunningStatePhase.outputs, heads, outputFlops, 0);
		return;
	}
	const inner = heads * (segments.count - 1);
	engine.withTemporary(inner * (stateLength + 1) * 4, (segmentStates) => {
		run(RunningStatePhase.segmentStates, inner, 2 * inner * segments.length * stateLength, segmentStates);
		run(RunningStatePhase.scan, heads, 2 * inner * stateLength, segmentStates);
		run(RunningStatePhase.outputs, heads * segments.count, outputFlops, segmentStates);
	});
}

/** The pointers of the kernel's arguments, in order. */
function tensors(engine: WasmEngine, args: RunningStateArguments): number[] {
	return [
		args.q,
		args.k,
		args.v,
		args.logDecay,
		args.initialState?.sum,
		args.initialState?.normalizer,
		args.out,
		args.denominator,
		args.finalState.sum,
		args.finalState.normalizer,
	].map((buffer) => optionalPointer(engine, buffer));
}

/** The scratch offsets of the kernel's arguments, in order. */
function layOut(headDim: number, valueDim: number, stateLength: number): ScratchLayout {
	return new ScratchLayout([
		3 * chunk,
		headDim * chunk,
		chunk * chunk,
		2 * chunk,
		chunk * valueDim,
		longSumHeader / 4,
		2 * stateLength,
		stateLength,
	]);
}
