using System.Text.RegularExpressions;
using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Documents;

/// <summary>What documents say is there: files they lead to, commands and options they name. <c>tests/walk.sh</c> runs their commands.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] s_groups = ["join-token", "keys", "workers"];

    public static TheoryData<string> Pages =>
        ["README.md", "CHANGELOG.md", "helm/cluster/README.md", .. Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "docs"), "*.md").Select(static f => "docs/" + Path.GetFileName(f))];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task LinksLeadToFiles(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(RepositoryFiles.Root, page))!;
        var targets = Link().Matches(await ReadAsync(page)).Select(static m => m.Groups["target"].Value.Split('#')[0]);
        Assert.All(targets.Where(static t => t.Length > 0 && !t.Contains(':', StringComparison.Ordinal)), t => Assert.True(Path.Exists(Path.Combine(folder, t)), t));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task CommandsKnowTheirOptions(string page)
    {
        foreach (Match match in Command().Matches((await ReadAsync(page)).Replace("\\\n", " ", StringComparison.Ordinal)))
        {
            var words = match.Groups["arguments"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            var worker = match.Groups["worker"].Success;
            string[] command = worker ? [] : s_groups.Contains(words[0]) || words is ["bench", "serve", ..] ? words[..Math.Min(2, words.Length)] : words[..1];
            Assert.True(
                await Programs.UnknownAsync(words, worker ? Programs.Worker : Programs.Cluster, command) is [],
                $"{page}: an option is unknown in '{match.Value.Trim()}'");
        }
    }

    private static Task<string> ReadAsync(string page) => File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, page));

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    // A command at the beginning of a line, of a code span or after another one; it ends with the line, the span, a comment or another command.
    [GeneratedRegex(@"(?<=^|`|\$ |[|;(&] |do |-u cluster |-- )(\./|/opt/cluster/)?(worker/)?cluster(?<worker>-worker)? (?<arguments>(run|serve|bench|chat|plan|inspect|synth|pull|devices|kv-report|perplexity|join-token|keys|workers|--)[^`\n#|;&)]*)", RegexOptions.Multiline)]
    private static partial Regex Command();
}
