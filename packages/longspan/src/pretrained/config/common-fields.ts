import type { ConfigFields } from "./config-fields.js";

/** Most layers a checkpoint may have; a guard against absurd files. */
const mostLayers = 1024;

/** A number of layers. */
export function readLayerCount(fields: ConfigFields, name: string, fallback: number): number {
	return fields.integer(name, { fallback, max: mostLayers });
}

/** Refuses fields that every configuration may have with values that nothing here supports. */
export function refuseVariants(fields: ConfigFields, { encoderDecoder }: { readonly encoderDecoder: boolean }): void {
	fields.only("is_encoder_decoder", encoderDecoder);
	fields.only("add_cross_attention", false);
	fields.only("tie_encoder_decoder", false);
	fields.only("pruned_heads", {});
}
