using Cluster.Model.Tokenizers;

namespace Cluster.Model.Tests.Tokenizers;

public class SentencePieceTokenizerTests
{
    [Fact]
    public void Merges_the_highest_score_first_and_the_leftmost_of_equals()
    {
        var tokenizer = new SentencePieceTokenizer(TestVocabularies.SentencePiece(
            ("a", -9), ("b", -9), ("c", -9), ("ab", -3), ("bc", -2), ("aa", -4), ("aab", -1)) with
        { AddSpacePrefix = false });

        Assert.Equal("a|bc", Pieces(tokenizer, "abc"));
        Assert.Equal("aab", Pieces(tokenizer, "aab"));
        Assert.Equal("aa|aa|a", Pieces(tokenizer, "aaaaa"));
    }

    [Fact]
    public void Puts_a_space_before_text_and_takes_it_away_again()
    {
        var tokenizer = new SentencePieceTokenizer(TestVocabularies.SentencePiece(("▁", -9), ("a", -9), ("▁a", -1), ("▁▁", -2)));

        List<int> ids = tokenizer.Encode("a a", addSpecial: true, parseSpecial: false);

        Assert.Equal([1, 261, 261], ids);
        Assert.Equal("a a", tokenizer.Decode([.. ids]));
        Assert.Equal("  a", tokenizer.Decode([.. tokenizer.Encode("  a", true, false)]));
        Assert.Equal(" "u8.ToArray(), tokenizer.TokenBytes(259).ToArray());
    }

    [Fact]
    public void Puts_a_space_after_special_tokens_too()
    {
        var tokenizer = new SentencePieceTokenizer(TestVocabularies.SentencePiece(("▁", -9), ("a", -9), ("▁a", -1)));

        Assert.Equal([1, 261, 2, 261], tokenizer.Encode("a</s>a", addSpecial: true, parseSpecial: true));
    }

    [Fact]
    public void Characters_without_a_piece_become_bytes()
    {
        var tokenizer = new SentencePieceTokenizer(TestVocabularies.SentencePiece(("▁", -9), ("a", -9)));

        List<int> ids = tokenizer.Encode("a🦙", addSpecial: false, parseSpecial: false);

        Assert.Equal([259, 260, 3 + 0xF0, 3 + 0x9F, 3 + 0xA6, 3 + 0x99], ids);
        Assert.Equal("a🦙", tokenizer.Decode([.. ids]));
    }

    [Fact]
    public void Decoding_gives_back_any_text()
    {
        var tokenizer = new SentencePieceTokenizer(TestVocabularies.SentencePiece(
            ("▁", -9), ("a", -9), ("H", -8), ("e", -8), ("l", -8), ("ll", -3), ("▁a", -1),
            ("▁▁", -2), ("你", -7), ("你好", -6)));
        var random = new Random(2);
        for (int i = 0; i < 300; i++)
        {
            string text = RandomText.Next(random, 30).Replace('▁', '_'); // the mark itself is a space by definition

            List<int> ids = tokenizer.Encode(text, addSpecial: true, parseSpecial: false);

            Assert.Equal(RandomText.AsValid(text), tokenizer.Decode([.. ids]));
        }
    }

    [Fact]
    public void Ordinary_text_never_becomes_a_control_or_byte_token()
    {
        var tokenizer = new SentencePieceTokenizer(TestVocabularies.SentencePiece(
            ("<", -9), ("s", -9), (">", -9), ("s>", -1), ("<0x0A", -1), ("<0", -1), ("x", -9), ("A", -9)));

        Assert.DoesNotContain(1, tokenizer.Encode("<s>", addSpecial: false, parseSpecial: false));
        Assert.DoesNotContain(3 + 0x0A, tokenizer.Encode("<0x0A>", addSpecial: false, parseSpecial: false));
    }

    [Fact]
    public void Long_texts_are_not_quadratic()
    {
        (string, float)[] pieces = [.. Enumerable.Range(0, 7).Select(i => (new string('a', 1 << i), (float)i))];
        var tokenizer = new SentencePieceTokenizer(TestVocabularies.SentencePiece(pieces) with { AddSpacePrefix = false });

        List<int> ids = tokenizer.Encode(new string('a', 1 << 20), addSpecial: false, parseSpecial: false);

        Assert.Equal(Enumerable.Repeat(259 + 6, (1 << 20) / 64), ids);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Odd_scores_still_encode(float score)
    {
        var tokenizer = new SentencePieceTokenizer(TestVocabularies.SentencePiece(("a", 0), ("aa", score), ("aaa", -0f)));

        Assert.Equal("aaaaaaa", tokenizer.Decode([.. tokenizer.Encode("aaaaaaa", true, false)]));
    }

    [Fact]
    public void Priorities_order_as_scores_do()
    {
        float[] descending =
        [
            float.PositiveInfinity, 1e9f, 1, float.Epsilon, 0, -float.Epsilon, -1, -1e9f, float.NegativeInfinity, float.NaN,
        ];

        uint[] priorities = [.. descending.Select(ScoreMergeRule.Priority)];

        Assert.Equal(priorities.Order().Distinct(), priorities);
        Assert.Equal(ScoreMergeRule.Priority(0), ScoreMergeRule.Priority(-0f));
    }

    private static string Pieces(SentencePieceTokenizer tokenizer, string text) =>
        string.Join('|', tokenizer.Encode(text, false, false).Select(id => tokenizer.Decode([id])));
}
