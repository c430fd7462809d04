using Cluster.Model.Gguf;
using Cluster.Model.Tokenizers;

namespace Cluster.Model.Tests.Tokenizers;

public class VocabularyPairTests
{
    private const string Sample = "sample";

    public static TheoryData<string> Vocabularies => [Sample, .. VocabularyPair.Present];

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Gives_the_ids_of_the_authors_tokenizer(string vocabulary)
    {
        bool isSample = vocabulary == Sample;
        using GgufFile file = GgufFile.Open(isSample ? RepositoryFiles.SampleModel : VocabularyPair.File(vocabulary));
        Tokenizer tokenizer = TokenizerFactory.Create(file.Metadata);

        foreach ((string text, int[] ids) in isSample ? SampleTokens.Prompts : VocabularyPair.Read(vocabulary))
        {
            List<int> encoded = tokenizer.Encode(text, addSpecial: isSample, parseSpecial: isSample);
            Assert.Equal($"{text}: {string.Join(' ', ids)}", $"{text}: {string.Join(' ', encoded)}");
        }
    }

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Decodes_to_the_text(string vocabulary)
    {
        bool isSample = vocabulary == Sample;
        using GgufFile file = GgufFile.Open(isSample ? RepositoryFiles.SampleModel : VocabularyPair.File(vocabulary));
        Tokenizer tokenizer = TokenizerFactory.Create(file.Metadata);

        foreach ((string text, int[] ids) in isSample ? SampleTokens.Prompts : VocabularyPair.Read(vocabulary))
        {
            string withoutControl = text.Replace("<|im_start|>", "").Replace("<|im_end|>", "");
            Assert.Equal(withoutControl, tokenizer.Decode(ids));
        }
    }
}
