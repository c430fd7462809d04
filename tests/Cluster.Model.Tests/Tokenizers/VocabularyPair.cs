using System.Globalization;

namespace Cluster.Model.Tests.Tokenizers;

/// <summary>
/// A vocabulary file with texts and the ids that the model authors' own tokenizer gives them (no BOS, control tokens not parsed),
/// under <c>shared/vocab</c> beside the repository.
/// </summary>
internal static class VocabularyPair
{
    private const string Separator = "\n__ggml_vocab_test__\n";

    private static string Folder => RepositoryFiles.Shared("vocab");

    /// <summary>Names of the vocabulary files that are there, without extension.</summary>
    public static IEnumerable<string> Present =>
        Directory.Exists(Folder)
            ? Directory.EnumerateFiles(Folder, "*.gguf.out").Order().Select(path => Path.GetFileName(path)[..^".gguf.out".Length])
            : [];

    public static string File(string name) => Path.Combine(Folder, name + ".gguf");

    public static IEnumerable<(string Text, int[] Ids)> Read(string name)
    {
        string[] texts = System.IO.File.ReadAllText(File(name) + ".inp").Split(Separator);
        string[] lines = System.IO.File.ReadAllLines(File(name) + ".out");
        Assert.Equal(texts.Length, lines.Length + 1); // the last text, too, has a separator after it
        return texts.Zip(lines.Select(ParseIds));
    }

    private static int[] ParseIds(string line) =>
        [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
}
