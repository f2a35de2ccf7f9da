export { type Checkpoint, checkpointFiles, type Json } from "./checkpoint.js";
export { type CheckpointPlace, findCheckpoint, listCheckpoints, type Which } from "./find-checkpoint.js";
export type { RunLock } from "./lock.js";
export { type Metric, readMetrics } from "./metrics.js";
export { readCheckpoint } from "./read-checkpoint.js";
export { RunFolder, type RunFolderOptions, takeRun } from "./run-folder.js";
