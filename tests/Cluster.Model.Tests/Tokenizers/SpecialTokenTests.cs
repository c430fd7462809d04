using Cluster.Model.Gguf;
using Cluster.Model.Tokenizers;

namespace Cluster.Model.Tests.Tokenizers;

public class SpecialTokenTests
{
    private static readonly TokenizerVocabulary s_vocabulary = TestVocabularies.BytePair().With(
        ("<a>", TokenType.Control), // 256
        ("<a><b>", TokenType.Control), // 257
        ("<b>", TokenType.Control), // 258
        ("<tool>", TokenType.UserDefined), // 259
        ("<|im_end|>", TokenType.Normal), // 260
        ("</s>", TokenType.Normal), // 261
        ("<|eot_id|>", TokenType.UserDefined), // 262
        ("", TokenType.Control)); // 263

    private static readonly BytePairTokenizer s_tokenizer = s_vocabulary.Tokenizer();

    [Theory]
    [InlineData("x<a>y", new[] { (int)'x', 256, 'y' })]
    [InlineData("<a><b>", new[] { 257 })]
    [InlineData("<a><b", new[] { 256, '<', 'b' })]
    [InlineData("<<b>", new[] { '<', 258 })]
    [InlineData("<b><a><a><b><tool>", new[] { 258, 256, 257, 259 })]
    public void The_leftmost_longest_token_matches(string text, int[] ids) =>
        Assert.Equal(ids, s_tokenizer.Encode(text, addSpecial: false, parseSpecial: true));

    [Fact]
    public void Control_tokens_in_ordinary_text_are_text()
    {
        const string Text = "<a><b><|im_end|><|eot_id|></s>";

        Assert.Equal(Text.Select(c => (int)c), s_tokenizer.Encode(Text, addSpecial: false, parseSpecial: false));
        Assert.Equal([257, 260, 262, '<', '/', 's', '>'], s_tokenizer.Encode(Text, addSpecial: false, parseSpecial: true));
    }

    [Fact]
    public void Added_text_tokens_match_always() =>
        Assert.Equal([259], s_tokenizer.Encode("<tool>", addSpecial: false, parseSpecial: false));

    [Fact]
    public void Merges_cannot_forge_a_control_token()
    {
        TokenizerVocabulary vocabulary = TestVocabularies.BytePair("< |", "<| >").With();
        vocabulary.Types[257] = TokenType.Control;

        List<int> ids = vocabulary.Tokenizer().Encode("<|>", addSpecial: false, parseSpecial: false);

        Assert.Equal(['<', '|', '>'], ids);
    }

    [Fact]
    public void Control_tokens_stand_for_no_text()
    {
        Assert.True(s_tokenizer.IsControl(256));
        Assert.True(s_tokenizer.TokenBytes(256).IsEmpty);
        Assert.Equal("<a>", s_tokenizer.TokenText(256));
        Assert.Equal("<tool>x", s_tokenizer.Decode([256, 259, 257, 'x', 260]));
    }

    [Fact]
    public void Ends_of_generation_are_known_by_text_and_by_key()
    {
        BytePairTokenizer tokenizer = (s_vocabulary with { EosId = 'x', EndOfGenerationIds = [256] }).Tokenizer();

        Assert.Equal(
            ['x', 256, 260, 262],
            Enumerable.Range(-2, tokenizer.VocabularySize + 4).Where(tokenizer.IsEndOfGeneration));
        Assert.True(tokenizer.IsControl(260));
    }

    [Fact]
    public void Ids_outside_the_vocabulary_stand_for_nothing()
    {
        foreach (int id in new[] { -1, int.MinValue, s_tokenizer.VocabularySize, int.MaxValue })
        {
            Assert.False(s_tokenizer.IsControl(id));
            Assert.Empty(s_tokenizer.TokenBytes(id).ToArray());
            Assert.Equal("", s_tokenizer.TokenText(id));
            Assert.Equal("ab", s_tokenizer.Decode(['a', id, 'b']));
        }
    }

    [Fact]
    public void Adds_what_the_vocabulary_asks_for()
    {
        TokenizerVocabulary vocabulary = s_vocabulary with { BosId = 256, EosId = 258 };

        Assert.Equal(['x'], vocabulary.Tokenizer().Encode("x", addSpecial: true, parseSpecial: false));
        Assert.Equal([256, 'x'], (vocabulary with { AddBos = true }).Tokenizer().Encode("x", true, false));
        Assert.Equal([256, 258], (vocabulary with { AddBos = true, AddEos = true }).Tokenizer().Encode("", true, false));
        Assert.Empty((vocabulary with { AddBos = true, AddEos = true }).Tokenizer().Encode("", false, false));
    }

    [Fact]
    public void The_sample_model_ends_a_turn_and_a_text()
    {
        using GgufFile file = GgufFile.Open(RepositoryFiles.SampleModel);
        Tokenizer tokenizer = TokenizerFactory.Create(file.Metadata);

        Assert.Equal([0, 2], Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsEndOfGeneration));
        Assert.Equal((8192, 0), (tokenizer.VocabularySize, tokenizer.BosId));
        Assert.Equal((true, false), (tokenizer.AddBosByDefault, tokenizer.AddEosByDefault));
        Assert.True(tokenizer.IsControl(1));
    }
}
