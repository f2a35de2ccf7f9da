/** The file of weights of a checkpoint, and the one that says in which shard each is if there are several. */
export const weightsFile = "model.safetensors";
export const indexFile = "model.safetensors.index.json";
