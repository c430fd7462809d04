using System.Text;
using Cluster.Model.Tokenizers.PreTokenizers;

namespace Cluster.Model.Tests.Tokenizers.PreTokenizers;

public class PreTokenizerTests
{
    private const char Cut = '·';

    /// <summary>Texts with a mark at every cut, as the regular expressions of the models' definitions cut them (in ECMAScript).</summary>
    public static TheoryData<string, string> Words => new()
    {
        // gpt-2
        { "gpt-2", "I·'ve· '·told· he·'s· there·,· '·RE· you· sure·?· We·'·Ve· a·'·lL" },
        { "gpt-2", " · a·\t·\t·b· \n\n · c·\r\n   " },
        { "gpt-2", "$·5·+·5·=·10· <·tag·>· `·x·`· ^~|" },
        { "gpt-2", "12345· ½· ²³· ٣٤٥· x·1" },
        { "gpt-2", "Äpfel· привет· 你好世界· 한국어· 🦙🦙" },
        { "gpt-2", "e·\u0301· ह·\u093F·न·\u094D·द·\u0940· 𐐀𐐨· \u00A0·\u3000·x" },

        // starcoder
        { "starcoder", "I·'ve· '·told· he·'s· there·,· '·RE· you· sure·?· We·'·Ve· a·'·lL" },
        { "starcoder", " · a·\t·\t·b· \n\n · c·\r\n   " },
        { "starcoder", "$·5·+·5·=·1·0· <·tag·>· `·x·`· ^~|" },
        { "starcoder", "1·2·3·4·5· ·½· ·²·³· ·٣·٤·٥· x·1" },
        { "starcoder", "Äpfel· привет· 你好世界· 한국어· 🦙🦙" },
        { "starcoder", "e·\u0301· ह·\u093F·न·\u094D·द·\u0940· 𐐀𐐨· \u00A0·\u3000·x" },

        // falcon
        { "falcon", "I·'·ve· ·'·told· he·'·s· there·,· ·'·RE· you· sure·?· We·'·Ve· a·'·lL" },
        { "falcon", " · a·\t·\t·b· \n\n · c·\r\n   " },
        { "falcon", "$·5·+·5·=·10· ·<·tag·>· ·`·x·`· ·^~|" },
        { "falcon", "123·45· ½· ²³· ٣٤٥· x·1" },
        { "falcon", "Äpfel· привет· 你好世界· 한국어· 🦙🦙" },
        { "falcon", "e·\u0301· ह·\u093F·न·\u094D·द·\u0940· 𐐀𐐨· \u00A0·\u3000·x" },

        // default
        { "default", "I·'·ve· ·'·told· he·'·s· there·,· ·'·RE· you· sure·?· We·'·Ve· a·'·lL" },
        { "default", " · a·\t·\t·b· \n\n · c·\r\n   " },
        { "default", "$·5·+·5·=·10· ·<·tag·>· `·x·`· ·^~|" },
        { "default", "123·45· ·½· ·²³· ·٣٤٥· x·1" },
        { "default", "Äpfel· привет· 你好世界· 한국어· 🦙🦙" },
        { "default", "e·\u0301· ह·\u093F·न·\u094D·द·\u0940· 𐐀𐐨· \u00A0·\u3000·x" },

        // llama-bpe
        { "llama-bpe", "I·'ve· '·told· he·'s· there·,· '·RE· you· sure·?· We·'Ve· a·'lL" },
        { "llama-bpe", " · a·\t·\tb· \n\n· · c·\r\n·   " },
        { "llama-bpe", "$·5·+·5·=·10· <·tag·>· `·x·`· ^~|" },
        { "llama-bpe", "123·45· ·½· ·²³· ·٣٤٥· x·1" },
        { "llama-bpe", "Äpfel· привет· 你好世界· 한국어· 🦙🦙" },
        { "llama-bpe", "e·\u0301· ह·\u093Fन·\u094Dद·\u0940· 𐐀𐐨· \u00A0·\u3000x" },

        // qwen2
        { "qwen2", "I·'ve· '·told· he·'s· there·,· '·RE· you· sure·?· We·'Ve· a·'lL" },
        { "qwen2", " · a·\t·\tb· \n\n· · c·\r\n·   " },
        { "qwen2", "$·5·+·5·=·1·0· <·tag·>· `·x·`· ^~|" },
        { "qwen2", "1·2·3·4·5· ·½· ·²·³· ·٣·٤·٥· x·1" },
        { "qwen2", "Äpfel· привет· 你好世界· 한국어· 🦙🦙" },
        { "qwen2", "e·\u0301· ह·\u093Fन·\u094Dद·\u0940· 𐐀𐐨· \u00A0·\u3000x" },

        // deepseek-coder
        { "deepseek-coder", "I·'·ve· '·told· he·'·s· there·,· '·RE· you· sure·?· We·'·Ve· a·'·lL" },
        { "deepseek-coder", " · a·\t·\tb· ·\n·\n· · c·\r·\n·   " },
        { "deepseek-coder", "$·5·+·5·=·1·0· <·tag·> `·x·` ^~|" },
        { "deepseek-coder", "1·2·3·4·5· ·½· ·²·³· ·٣·٤·٥· x·1" },
        { "deepseek-coder", "Äpfel· привет· ·你好世界· ·한국어· 🦙🦙" },
        { "deepseek-coder", "e·\u0301· ·ह·\u093F·न·\u094D·द·\u0940· 𐐀𐐨· \u00A0·\u3000·x" },

        // deepseek-llm
        { "deepseek-llm", "I·'·ve· '·told· he·'·s· there·,· '·RE· you· sure·?· We·'·Ve· a·'·lL" },
        { "deepseek-llm", " · a·\t·\tb· ·\n·\n· · c·\r·\n·   " },
        { "deepseek-llm", "$·5·+·5·=·1·0· <·tag·>· `·x·`· ^~|" },
        { "deepseek-llm", "1·2·3·4·5· ·½· ·²·³· ·٣·٤·٥· x·1" },
        { "deepseek-llm", "Ä·pfel· привет· ·你好世界· ·한국어· 🦙🦙" },
        { "deepseek-llm", "e·\u0301 ·ह\u093Fन\u094Dद\u0940· 𐐀𐐨· \u00A0·\u3000·x" },
    };

    [Theory]
    [MemberData(nameof(Words))]
    public void Cuts_text_where_the_regular_expressions_do(string name, string words)
    {
        Assert.True(PreTokenizerRegistry.TryGet(name, out PreTokenizer? preTokenizer));

        Assert.Equal(words, Split(preTokenizer, words.Replace(Cut.ToString(), "")));
    }

    [Theory]
    [InlineData("smollm", "starcoder")]
    [InlineData("refact", "starcoder")]
    [InlineData("command-r", "starcoder")]
    [InlineData("llama3", "llama-bpe")]
    [InlineData("deepseek-r1-qwen", "qwen2")]
    public void Names_with_the_same_rules_cut_alike(string name, string other)
    {
        Assert.True(PreTokenizerRegistry.TryGet(name, out PreTokenizer? preTokenizer));
        Assert.True(PreTokenizerRegistry.TryGet(other, out PreTokenizer? expected));

        Assert.Equal(expected, preTokenizer);
    }

    [Fact]
    public void Words_cover_any_text_without_a_gap()
    {
        var random = new Random(11);
        foreach (string name in PreTokenizerRegistry.Names)
        {
            Assert.True(PreTokenizerRegistry.TryGet(name, out PreTokenizer? preTokenizer));
            for (int i = 0; i < 40; i++)
            {
                string text = RandomText.Next(random, 40);

                string words = Split(preTokenizer, text);

                Assert.Equal(RandomText.AsValid(text), words.Replace(Cut.ToString(), ""));
                Assert.DoesNotContain("··", words);
            }
        }
    }

    private static string Split(PreTokenizer preTokenizer, string text)
    {
        using var classified = new ClassifiedText(text);
        preTokenizer.Split(classified);
        var words = new StringBuilder();
        for (int start = 0; start < classified.Length;)
        {
            int end = classified.WordEnd(start);
            words.Append(start > 0 ? Cut.ToString() : "").Append(Encoding.UTF8.GetString(classified.Utf8(start, end)));
            start = end;
        }
        return words.ToString();
    }
}
