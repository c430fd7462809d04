using Cluster.Model.Gguf;
using Cluster.Model.Tokenizers;

namespace Cluster.Model.Tests.Tokenizers;

public class BytePairTokenizerTests
{
    [Fact]
    public void Merges_the_lowest_rank_first_and_the_leftmost_of_equals()
    {
        BytePairTokenizer tokenizer = TestVocabularies.BytePair("b c", "a b", "a a", "aa a").Tokenizer();

        Assert.Equal("a|bc", Pieces(tokenizer, "abc"));
        Assert.Equal("aa|ab", Pieces(tokenizer, "aaab"));
        Assert.Equal("aa|aa|aa", Pieces(tokenizer, "aaaaaa"));
        Assert.Equal("aaa", Pieces(tokenizer, "aaa"));
    }

    [Fact]
    public void Merging_agrees_with_the_definition_on_random_rules()
    {
        var random = new Random(5);
        for (int round = 0; round < 60; round++)
        {
            string[] merges = RandomMerges(random, 25);
            BytePairTokenizer tokenizer = TestVocabularies.BytePair(merges).Tokenizer();
            for (int i = 0; i < 20; i++)
            {
                string word = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => (char)('a' + random.Next(3))));

                Assert.Equal(string.Join('|', MergeByDefinition(word, merges)), Pieces(tokenizer, word));
            }
        }
    }

    [Fact]
    public void Decoding_gives_back_any_text()
    {
        using GgufFile file = GgufFile.Open(RepositoryFiles.SampleModel);
        Tokenizer tokenizer = TokenizerFactory.Create(file.Metadata);
        var random = new Random(1);
        for (int i = 0; i < 500; i++)
        {
            string text = RandomText.Next(random, 30);

            List<int> ids = tokenizer.Encode(text, addSpecial: true, parseSpecial: false);

            Assert.Equal(RandomText.AsValid(text), tokenizer.Decode([.. ids]));
        }
    }

    [Fact]
    public void Long_words_are_not_quadratic()
    {
        // Ids double: 2 bytes, 4, … 64. A quadratic loop would take hours over a million.
        string[] merges = [.. Enumerable.Range(0, 6).Select(i => new string('a', 1 << i) + " " + new string('a', 1 << i))];
        BytePairTokenizer tokenizer = TestVocabularies.BytePair(merges).Tokenizer();

        List<int> ids = tokenizer.Encode(new string('a', 1 << 20), addSpecial: false, parseSpecial: false);

        Assert.Equal(Enumerable.Repeat(256 + 5, (1 << 20) / 64), ids);
    }

    [Fact]
    public void Whole_words_come_before_merges_where_the_model_says_so()
    {
        TokenizerVocabulary vocabulary = TestVocabularies.BytePair("a b").With(("abc", TokenType.Normal));

        Assert.Equal("ab|c", Pieces(vocabulary.Tokenizer("gpt-2"), "abc"));
        Assert.Equal("abc", Pieces(vocabulary.Tokenizer("llama-bpe"), "abc"));
    }

    [Fact]
    public void Rules_that_name_unknown_tokens_or_no_pair_are_ignored()
    {
        TokenizerVocabulary vocabulary = TestVocabularies.BytePair("a b") with
        {
            Merges = TestVocabularies.List(["zz a", "", " ", "a", "a ", " b", "é ü", "b  b", "a b", "a b"]),
        };

        Assert.Equal("ab|z|z", Pieces(vocabulary.Tokenizer(), "abzz"));
    }

    [Fact]
    public void Merged_symbols_without_a_token_fall_back_to_their_bytes()
    {
        TokenizerVocabulary vocabulary = TestVocabularies.BytePair() with { Merges = TestVocabularies.List(["a b"]) };

        Assert.Equal(['a', 'b', 'c'], vocabulary.Tokenizer().Encode("abc", false, false));
    }

    [Fact]
    public void Bytes_without_a_token_become_the_unknown_token_or_nothing()
    {
        var vocabulary = new TokenizerVocabulary
        {
            Tokens = TestVocabularies.List(["<unk>", "a"]),
            Types = [TokenType.Unknown, TokenType.Normal],
        };

        Assert.Equal([1, 1], vocabulary.Tokenizer().Encode("aéa", false, false));
        Assert.Equal([1, 0, 0, 1], (vocabulary with { UnknownId = 0 }).Tokenizer().Encode("aéa", false, false));
    }

    private static string Pieces(BytePairTokenizer tokenizer, string text) =>
        string.Join('|', tokenizer.Encode(text, false, false).Select(id => tokenizer.Decode([id])));

    private static string[] RandomMerges(Random random, int count)
    {
        List<string> parts = ["a", "b", "c"];
        var merges = new HashSet<string>();
        while (merges.Count < count)
        {
            string left = parts[random.Next(parts.Count)];
            string right = parts[random.Next(parts.Count)];
            if (merges.Add($"{left} {right}"))
                parts.Add(left + right);
        }
        return [.. merges];
    }

    private static List<string> MergeByDefinition(string word, string[] merges)
    {
        List<string> symbols = [.. word.Select(c => c.ToString())];
        while (true)
        {
            (int Rank, int Index) best = (int.MaxValue, -1);
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                int rank = Array.IndexOf(merges, $"{symbols[i]} {symbols[i + 1]}");
                if (rank >= 0 && rank < best.Rank)
                    best = (rank, i);
            }
            if (best.Index < 0)
                return symbols;
            symbols[best.Index] += symbols[best.Index + 1];
            symbols.RemoveAt(best.Index + 1);
        }
    }
}
