import type { LinearActivation } from "../../ops/linear.js";
import type { ConfigFields } from "../config/config-fields.js";

/** Activations by their names in config.json. */
const activations: Readonly<Record<string, LinearActivation>> = {
	gelu: "gelu",
	gelu_new: "geluTanh",
	gelu_fast: "geluTanh",
	gelu_pytorch_tanh: "geluTanh",
	relu: "relu",
	silu: "silu",
	swish: "silu",
	tanh: "tanh",
};

/** The activation that a field of config.json names. */
export function readActivation(fields: ConfigFields, name: string, fallback = "gelu"): LinearActivation {
	return activations[fields.choice(name, Object.keys(activations), fallback)] as LinearActivation;
}
