export { maskKeys } from "./mask-keys.js";
export { type RunningStateOptions, type RunningStateResult, runningState } from "./running-state.js";
export type { LinearState, StateSizes } from "./state.js";
export { wholeSum } from "./whole-sum.js";
