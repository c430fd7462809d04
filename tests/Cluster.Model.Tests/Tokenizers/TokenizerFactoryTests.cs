using Cluster.Model.Gguf;
using Cluster.Model.Tokenizers;

namespace Cluster.Model.Tests.Tokenizers;

public class TokenizerFactoryTests
{
    [Fact]
    public void Makes_the_tokenizer_that_the_file_defines()
    {
        Assert.Equal([257, 256, 'c'], Create(TokenizerMetadata.BytePair()).Encode("abc", true, false));
        Assert.Equal([1, 6, 4], Create(TokenizerMetadata.SentencePiece()).Encode("aa", true, false));
    }

    [Theory]
    [InlineData("model", null, "metadata key 'tokenizer.ggml.model' is missing")]
    [InlineData("model", "bert", "tokenizer model 'bert' is not supported (supported: gpt2, llama)")]
    [InlineData("pre", "no\nsuch", "pre-tokenizer 'no\\u000asuch' is not supported (supported: default, falcon, ")]
    [InlineData("tokens", null, "metadata key 'tokenizer.ggml.tokens' is missing")]
    [InlineData("tokens", new string[0], "tokenizer.ggml.tokens has 0 tokens (supported: 1 to 16777216)")]
    [InlineData("tokens", "text", "metadata key 'tokenizer.ggml.tokens' is not an array of strings")]
    [InlineData("token_type", new[] { 1, 2 }, "tokenizer.ggml.token_type has 2 elements for 258 tokens")]
    [InlineData("merges", null, "metadata key 'tokenizer.ggml.merges' is missing")]
    [InlineData("bos_token_id", 258u, "tokenizer.ggml.add_bos_token is true, but tokenizer.ggml.bos_token_id names no token")]
    [InlineData("bos_token_id", "x", "metadata key 'tokenizer.ggml.bos_token_id' is not an integer")]
    public void A_vocabulary_that_cannot_work_gets_one_clear_line(string key, object? value, string problem)
    {
        GgufMetadata metadata = TokenizerMetadata.BytePair().With("tokenizer.ggml." + key, value).Build();

        var error = Assert.Throws<GgufFormatException>(() => TokenizerFactory.Create(metadata));

        Assert.StartsWith(problem, error.Problem);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Contains(metadata.File, error.Message);
    }

    [Fact]
    public void Scores_for_some_tokens_only_are_refused()
    {
        GgufMetadata metadata = TokenizerMetadata.SentencePiece().With("tokenizer.ggml.scores", new[] { 1f }).Build();

        var error = Assert.Throws<GgufFormatException>(() => TokenizerFactory.Create(metadata));

        Assert.Equal("tokenizer.ggml.scores has 1 elements for 7 tokens", error.Problem);
    }

    [Fact]
    public void Files_that_name_no_pre_tokenizer_get_the_default()
    {
        Tokenizer tokenizer = Create(TokenizerMetadata.BytePair().With("tokenizer.ggml.pre", null));
        Tokenizer named = Create(TokenizerMetadata.BytePair().With("tokenizer.ggml.pre", "default"));

        Assert.Equal(named.Encode("<a>1234 ab", true, false), tokenizer.Encode("<a>1234 ab", true, false));
    }

    [Fact]
    public void Ids_that_name_no_token_count_as_not_given()
    {
        Tokenizer tokenizer = Create(TokenizerMetadata.BytePair()
            .With("tokenizer.ggml.bos_token_id", uint.MaxValue)
            .With("tokenizer.ggml.eos_token_id", 258u)
            .With("tokenizer.ggml.eot_token_id", 1000u)
            .With("tokenizer.ggml.add_bos_token", null));

        Assert.Equal((null, null, false), (tokenizer.BosId, tokenizer.EosId, tokenizer.AddBosByDefault));
        Assert.True(tokenizer.IsEndOfGeneration(257)); // by its text
    }

    [Fact]
    public void Types_that_the_file_lacks_follow_from_texts_and_ids()
    {
        Tokenizer tokenizer = Create(TokenizerMetadata.SentencePiece().With("tokenizer.ggml.token_type", null));

        Assert.Equal("a"u8.ToArray(), tokenizer.TokenBytes(3).ToArray());
        Assert.Equal([false, true, true, false], Enumerable.Range(0, 4).Select(tokenizer.IsControl));
        Assert.Equal([1, 6], tokenizer.Encode("a", true, true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_vocabulary_is_refused_in_one_line_or_works(bool bytePair)
    {
        var random = new Random(6);
        for (int i = 0; i < 150; i++)
        {
            TokenizerMetadata mutated = Mutate(bytePair ? TokenizerMetadata.BytePair() : TokenizerMetadata.SentencePiece(), random);
            GgufMetadata metadata = mutated.Build();
            try
            {
                Tokenizer tokenizer = TokenizerFactory.Create(metadata);
                for (int j = 0; j < 5; j++)
                    tokenizer.Decode([.. tokenizer.Encode(RandomText.Next(random, 20), true, true), random.Next()]);
            }
            catch (GgufFormatException error)
            {
                Assert.DoesNotContain('\n', error.Message);
            }
        }
    }

    private static Tokenizer Create(TokenizerMetadata metadata) => TokenizerFactory.Create(metadata.Build());

    private static TokenizerMetadata Mutate(TokenizerMetadata metadata, Random random)
    {
        for (int left = random.Next(1, 4); left > 0; left--)
        {
            string key = metadata.Keys.ElementAt(random.Next(metadata.Count));
            metadata[key] = metadata[key] switch
            {
                string[] texts when random.Next(2) == 0 => texts[..random.Next(texts.Length)],
                string[] texts => Array.ConvertAll(texts, text => random.Next(4) == 0 ? RandomText.Next(random, 3) : text),
                int[] numbers => Array.ConvertAll(numbers, number => random.Next(4) == 0 ? random.Next(-1, 9) : number),
                float[] numbers => Array.ConvertAll(numbers, _ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue))),
                uint => (uint)random.Next(0, 300),
                _ => random.Next(3) == 0 ? null : metadata[key],
            };
        }
        return metadata;
    }
}
