/** Whether a text can be the id of a repository of the Hub: "name" or "organisation/name", by the rules of the Hub. */
export function isRepositoryId(text: string): boolean {
	return (
		/^[a-z0-9_](?:[\w.-]*[a-z0-9_])?(?:\/[a-z0-9_](?:[\w.-]*[a-z0-9_])?)?$/i.test(text) &&
		!/--|\.\./.test(text) &&
		text.length <= 96
	);
}
