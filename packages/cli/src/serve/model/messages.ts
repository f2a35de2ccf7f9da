import type { ProgressEvent } from "longspan";
import type { ServedModelSettings } from "../settings.js";
import type { CallError, ModelAnswer, ModelCall, ModelInfo } from "./served-model.js";

/** What the thread of the model begins with. */
export interface ThreadData {
	readonly settings: ServedModelSettings;
	/** One word: 1 where the call that runs is to end. */
	readonly cancelled: SharedArrayBuffer;
}

/** How an error is told from thread to thread. */
export interface ToldError {
	/** "input" and the kinds of `CallError` are for whoever asked; "cancelled" ended as told; "bug" is neither. */
	readonly kind: "input" | "cancelled" | "bug" | CallError["kind"];
	readonly message: string;
}

/** What the thread of the model tells. */
export type FromThread =
	| { readonly type: "download"; readonly event: ProgressEvent }
	| { readonly type: "loaded"; readonly info: ModelInfo }
	| { readonly type: "failed"; readonly error: ToldError }
	| { readonly type: "answer"; readonly answer: ModelAnswer }
	| { readonly type: "refusal"; readonly error: ToldError };

/** What the thread of the model is told: the calls, each after the answer to the one before. */
export type ToThread = ModelCall;
