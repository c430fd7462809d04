using System.Diagnostics.CodeAnalysis;

namespace Cluster.Model.Tokenizers.PreTokenizers;

/// <summary>
/// The pre-tokenizers by the names that GGUF files give them (<c>tokenizer.ggml.pre</c>). Rules are those of each model's published
/// tokenizer definition; <c>default</c> is what llama.cpp does for files that name none.
/// </summary>
internal static class PreTokenizerRegistry
{
    private static readonly CharacterSet LineBreaks = CharacterSet.Of(CharacterClass.Other, "\r\n");
    private static readonly CharacterSet Letters = CharacterSet.Of(CharacterClass.Letter);
    private static readonly CharacterSet Numbers = CharacterSet.Of(CharacterClass.Number);
    private static readonly CharacterSet Digits = CharacterSet.FromRanges("0-9");
    private static readonly CharacterSet Punctuation = CharacterSet.Of(CharacterClass.Punctuation);
    private static readonly CharacterSet AsciiMarks = CharacterSet.Of(CharacterClass.Punctuation, "$+<=>^`|~");
    private static readonly CharacterSet AsciiMarksWithoutBacktick = CharacterSet.Of(CharacterClass.Punctuation, "$+<=>^|~");

    private static readonly Dictionary<string, PreTokenizer> ByName = Build();

    public static IEnumerable<string> Names => ByName.Keys;

    public static bool TryGet(string name, [NotNullWhen(true)] out PreTokenizer? preTokenizer) =>
        ByName.TryGetValue(name, out preTokenizer);

    private static Dictionary<string, PreTokenizer> Build()
    {
        var gpt2 = new PreTokenizer([new Gpt2Rule()]);
        var starcoder = new PreTokenizer([new RunRule(Numbers, maxLength: 1), new Gpt2Rule()]);
        var llama3 = new PreTokenizer([new Llama3Rule(maxDigits: 3)]);
        var llama3WholeWords = llama3 with { PrefersWholeWords = true, AddsBos = true };
        var qwen2 = new PreTokenizer([new Llama3Rule(maxDigits: 1)]);
        var byName = new Dictionary<string, PreTokenizer>
        {
            ["default"] = new(
                [new RunRule(AsciiMarksWithoutBacktick), new Gpt2Rule(), new RunRule(Numbers), new RunRule(Digits, 3, 3)]),
            ["falcon"] = new([new RunRule(AsciiMarks), new Gpt2Rule(), new RunRule(Digits, 3, 3)]),
            ["deepseek-coder"] = new(
            [
                new RunRule(LineBreaks, maxLength: 1),
                new RunRule(Letters, takesSpaceBefore: true),
                new RunRule(Punctuation, takesSpaceBefore: true),
                new RunRule(DeepSeekCharacters.EastAsian),
                new RunRule(Numbers, maxLength: 1),
            ]),
            ["deepseek-llm"] = new(
            [
                new RunRule(LineBreaks, maxLength: 1),
                new RunRule(DeepSeekCharacters.CasedLetters, takesSpaceBefore: true),
                new RunRule(DeepSeekCharacters.Marks, takesSpaceBefore: true),
                new TrailingSpaceRule(),
                new RunRule(DeepSeekCharacters.EastAsian),
                new RunRule(Numbers, maxLength: 1),
            ]),
        };
        AddAll(gpt2, "gpt-2", "mpt", "olmo", "phi-2", "jais", "exaone4", "trillion", "granite-docling", "gigachat", "mellum");
        AddAll(starcoder, "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b");
        AddAll(llama3WholeWords, "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "lfm2");
        AddAll(llama3, "dbrx", "smaug-bpe", "chatglm-bpe", "glm4");
        AddAll(qwen2, "qwen2", "stablelm2", "deepseek-r1-qwen", "megrez", "hunyuan");
        return byName;

        void AddAll(PreTokenizer preTokenizer, params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
                byName.Add(name, preTokenizer);
        }
    }
}
