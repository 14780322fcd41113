/** How GitHub puts what it holds into JSON: its own examples, with our facts in them. */
import type { ApiDescription, Json } from './description';
import { commitOf, type HostedPull, type HostedRepository, type Hub } from './hub';

const NO_COMMIT = '0'.repeat(40);

export class Payloads {
  constructor(
    private readonly description: ApiDescription,
    private readonly hub: Hub,
    /** Set once the port is known. */
    private readonly webUrl: () => string,
  ) {}

  /** A repository as its own endpoint returns it. */
  repository(repository: HostedRepository, account: string | undefined): Json {
    const { parent } = repository;
    return {
      ...this.description.example('full-repository-default-response'),
      ...this.facts(repository, account),
      language: null,
      parent: parent === undefined ? undefined : this.inner(parent, account),
      source: parent === undefined ? undefined : this.inner(parent, account),
    };
  }

  async pull(pull: HostedPull, account: string | undefined): Promise<Json> {
    const { into, number, state, mergeSha, title, body, draft, maintainerCanModify } = pull;
    const example = this.description.example('pull-request');
    const address = `${this.webUrl()}/${into.owner}/${into.repo}/pull/${number}`;
    return {
      ...example,
      number,
      title,
      body,
      draft,
      state,
      html_url: address,
      user: this.user(example['user'], pull.author),
      head: await this.end(example['head'], pull.from, pull.head, account),
      base: await this.end(example['base'], into, pull.base, account),
      merged: mergeSha !== undefined,
      merged_at: mergeSha === undefined ? null : '2026-01-05T09:00:00Z',
      closed_at: state === 'open' ? null : '2026-01-05T09:00:00Z',
      // GitHub names a commit for an open one too: the one a merge would make.
      merge_commit_sha: mergeSha ?? NO_COMMIT,
      maintainer_can_modify: maintainerCanModify,
      labels: pull.labels.map((name) => this.label(name)),
      requested_teams: [],
      requested_reviewers: [],
      assignees: [],
      assignee: null,
      milestone: null,
    };
  }

  label(name: string): Json {
    return {
      id: 1,
      node_id: 'L1',
      url: `${this.webUrl()}/labels`,
      name,
      description: null,
      color: 'ededed',
      default: false,
    };
  }

  private facts({ id, owner, repo, ...rest }: HostedRepository, account: string | undefined): Json {
    const web = `${this.webUrl()}/${owner}/${repo}`;
    const mayPush = this.hub.mayPush({ id, owner, repo, ...rest }, account);
    const example = this.description.example('full-repository-default-response');
    return {
      id,
      name: repo,
      full_name: `${owner}/${repo}`,
      owner: this.user(example['owner'], owner),
      html_url: web,
      clone_url: `${web}.git`,
      private: rest.isPrivate,
      fork: rest.parent !== undefined,
      default_branch: rest.defaultBranch,
      archived: rest.isArchived,
      permissions: { admin: mayPush, maintain: mayPush, push: mayPush, triage: mayPush, pull: true },
    };
  }

  /** A repository inside the answer about another. */
  private inner(repository: HostedRepository, account: string | undefined): Json {
    const example = this.description.example('full-repository-default-response');
    return { ...(example['parent'] as Json), ...this.facts(repository, account) };
  }

  private async end(example: unknown, from: HostedRepository, ref: string, account: string | undefined): Promise<Json> {
    const { repo, user } = example as { repo: Json; user: Json };
    return {
      label: `${from.owner}:${ref}`,
      ref,
      sha: (await commitOf(from, ref)) ?? NO_COMMIT,
      user: this.user(user, from.owner),
      repo: { ...repo, ...this.facts(from, account) },
    };
  }

  private user(example: unknown, login: string): Json {
    return { ...(example as Json), login, html_url: `${this.webUrl()}/${login}` };
  }
}
