using System.Text;
using Cluster.Model.Gguf;
using Cluster.Model.Tokenizers;

namespace Cluster.Model.Tests.Tokenizers;

public class StreamingDetokenizerTests
{
    private static readonly BytePairTokenizer s_bytes = TestVocabularies.BytePair().Tokenizer(); // an id is a byte

    [Theory]
    [InlineData("F0 9F A6 99", "|||🦙")] // a character over four tokens
    [InlineData("61 E2 82 AC 62", "a|||€|b")]
    [InlineData("FF", "\uFFFD")] // never valid: known at once
    [InlineData("C0", "\uFFFD")]
    [InlineData("80 61", "\uFFFD|a")]
    [InlineData("E2 28 A1", "|\uFFFD(|\uFFFD")] // certain when the next byte does not continue it
    [InlineData("F0 9F 61", "||\uFFFDa")]
    [InlineData("ED A0 80", "|\uFFFD\uFFFD|\uFFFD")] // a surrogate in UTF-8
    [InlineData("F0 9F", "|", "\uFFFD")] // cut off by the end
    [InlineData("61", "a")]
    public void Gives_text_as_soon_as_it_is_certain(string bytes, string texts, string rest = "")
    {
        var detokenizer = new StreamingDetokenizer(s_bytes);

        IEnumerable<string> given = Convert.FromHexString(bytes.Replace(" ", "")).Select(value => detokenizer.Append(value));

        Assert.Equal(texts, string.Join('|', given));
        Assert.Equal(rest, detokenizer.Flush());
    }

    [Fact]
    public void Pieces_of_any_bytes_join_to_what_decoding_all_at_once_gives()
    {
        var random = new Random(3);
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(RandomText.Next(random, 12));
            for (int broken = random.Next(4); broken > 0 && bytes.Length > 0; broken--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var detokenizer = new StreamingDetokenizer(s_bytes);
            int[] ids = [.. bytes.Select(value => (int)value)];

            List<string> pieces = [.. ids.Select(detokenizer.Append)];
            pieces.Add(detokenizer.Flush());

            Assert.Equal(s_bytes.Decode(ids), string.Concat(pieces));
            Assert.Equal(Encoding.UTF8.GetString(bytes), string.Concat(pieces));
            Assert.All(pieces, piece => Assert.Equal(piece, RandomText.AsValid(piece))); // no half of a surrogate pair
        }
    }

    [Fact]
    public void Pieces_of_any_tokens_join_to_what_decoding_all_at_once_gives()
    {
        using GgufFile file = GgufFile.Open(RepositoryFiles.SampleModel);
        Tokenizer tokenizer = TokenizerFactory.Create(file.Metadata);
        var random = new Random(4);
        for (int i = 0; i < 200; i++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(tokenizer.VocabularySize))];
            var detokenizer = new StreamingDetokenizer(tokenizer);

            string joined = string.Concat(ids.Select(detokenizer.Append)) + detokenizer.Flush();

            Assert.Equal(tokenizer.Decode(ids), joined);
        }
    }

    [Fact]
    public void A_text_that_starts_here_loses_the_space_that_encoding_adds()
    {
        var tokenizer = new SentencePieceTokenizer(TestVocabularies.SentencePiece(("▁", -9), ("a", -9), ("▁a", -1)));

        Assert.Equal("a", new StreamingDetokenizer(tokenizer).Append(261));
        Assert.Equal("a", new StreamingDetokenizer(tokenizer, [1]).Append(261));
        Assert.Equal(" a", new StreamingDetokenizer(tokenizer, [1, 261]).Append(261));

        var detokenizer = new StreamingDetokenizer(tokenizer);
        Assert.Equal(["", "", "a", " a"], new[] { 1, 259, 260, 261 }.Select(detokenizer.Append));
    }

    [Fact]
    public void After_a_flush_another_text_may_follow()
    {
        var detokenizer = new StreamingDetokenizer(s_bytes);

        Assert.Equal(["", "\uFFFD", "a"], [detokenizer.Append(0xE2), detokenizer.Flush(), detokenizer.Append('a')]);
    }
}
