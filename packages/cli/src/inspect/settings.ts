import type { AttentionChoice } from "../attentions/choices.js";

/** What one inspection does: the options of the command, checked. */
export interface InspectSettings {
	readonly attention: AttentionChoice;
	readonly length: number;
	readonly heads: number;
	readonly causal: boolean;
	/** Layers that hops and receptive fields are told for. */
	readonly layers: number;
	/** Where the picture or the page goes; null for neither. */
	readonly out: PictureFile | null;
	readonly json: boolean;
}

/** A file to draw into. */
export interface PictureFile {
	readonly path: string;
	readonly format: "svg" | "html";
}
