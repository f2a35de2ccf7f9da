import type { DeviceSettings } from "../device-options.js";

/** What one evaluation does: the options of the command, checked. */
export interface EvaluateSettings extends DeviceSettings {
	/** Folder of the model. */
	readonly model: string;
	/** Files, folders and patterns; none for the sources and docs of longspan itself. */
	readonly files: readonly string[];
	/** Whether only the last tenth of each file counts, which training keeps off. */
	readonly heldOut: boolean;
	/** Tokens predicted in a window; null: as many as the model has positions for, or 1,024. */
	readonly length: number | null;
	/** The most windows. */
	readonly windows: number;
	readonly json: boolean;
}
