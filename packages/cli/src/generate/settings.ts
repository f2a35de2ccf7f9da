import type { DeviceSettings } from "../device-options.js";

/** What one generation does: the options of the command, checked. */
export interface GenerateSettings extends DeviceSettings {
	/** Folder of the model. */
	readonly model: string;
	/** Where the prompt comes from: a text, or a file ("-" for stdin). */
	readonly prompt: { readonly text: string } | { readonly file: string };
	/** The most tokens to generate; null for 200, or as many as the model has positions for. */
	readonly tokens: number | null;
	/** 0: always the likeliest token. */
	readonly temperature: number;
	/** null: no limit. */
	readonly topK: number | null;
	/** 1: no limit. */
	readonly topP: number;
	readonly seed: number;
	/** Whether text is written as it comes, not at the end. */
	readonly stream: boolean;
	readonly json: boolean;
}
