import type { Contestant } from "../contestant.js";
import type { AttentionInputs, MatmulInputs } from "../inputs.js";
import type { TrainingProblem } from "../training/problem.js";

/** A library to compare with: one method for each task it can do. Outputs are laid out as ours. */
export interface Peer {
	readonly name: string;
	readonly version: string;
	/** How it runs here, as far as that bears on the comparison. */
	readonly remark: string;
	/** a b, [size, size]. */
	matmul?(inputs: MatmulInputs): Promise<Contestant>;
	/** Softmax attention to every key, [heads, length, headDim]. */
	denseAttention?(inputs: AttentionInputs): Promise<Contestant>;
	/** Causal attention as a running state without a normaliser: out_t = q_t Σ_{s<=t} k_s v_sᵀ, [heads, length, headDim]. */
	runningState?(inputs: AttentionInputs): Promise<Contestant>;
	/** A step of training; its output are the losses of the first steps. */
	trainingStep?(problem: TrainingProblem): Promise<Contestant>;
	/** One operation on a few numbers, waited for. */
	tinyOperation?(): Promise<Contestant>;
}

/** What an adapter's `start` is given. */
export interface PeerSettings {
	readonly version: string;
	readonly threads: number;
}

/** Starts a peer from its module, which is whatever `require` returned. */
export type PeerStart = (module: unknown, settings: PeerSettings) => Promise<Peer>;
