/** What the hosting service knows of earlier commits, and git alone does not. Each may throw: then there is no answer. */
export interface History {
  /** Published releases, newest first, without drafts and prereleases. */
  releases(): Promise<readonly { readonly tag: string }[]>;
  /** The newest commit of the default branch that a workflow run measured, `except` left out; null where there is none. */
  lastMeasured(except: string): Promise<string | null>;
}
