using System.Text.Json;
using Cluster.Model.Gguf;
using Cluster.Model.Tokenizers;

namespace Cluster.Model.Tests.Tokenizers;

public class Stories260KTests
{
    [SharedFact("models/stories260K.gguf", "golden/stories260K.json")]
    public void Streams_the_golden_text()
    {
        using GgufFile file = GgufFile.Open(RepositoryFiles.Shared("models/stories260K.gguf"));
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Shared("golden/stories260K.json")));
        Tokenizer tokenizer = TokenizerFactory.Create(file.Metadata);
        int[] prompt = Ids(golden, "prompt_tokens");
        int[] ids = Ids(golden, "greedy_tokens");

        var detokenizer = new StreamingDetokenizer(tokenizer, prompt);
        string text = string.Concat(ids.Select(detokenizer.Append)) + detokenizer.Flush();

        Assert.Equal(golden.RootElement.GetProperty("text").GetString(), text);
        Assert.Equal(text, tokenizer.Decode([.. prompt, .. ids]));
        Assert.Equal(prompt, tokenizer.Encode("", addSpecial: true, parseSpecial: true));
    }

    private static int[] Ids(JsonDocument golden, string name) =>
        [.. golden.RootElement.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
