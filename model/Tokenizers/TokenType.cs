namespace Cluster.Model.Tokenizers;

/// <summary>Kind of a token, numbered as GGUF's <c>tokenizer.ggml.token_type</c> numbers them.</summary>
internal enum TokenType
{
    /// <summary>Not said by the file: treated as <see cref="Normal"/>.</summary>
    Undefined = 0,
    Normal = 1,

    /// <summary>What text outside the vocabulary becomes; stands for no text.</summary>
    Unknown = 2,

    /// <summary>Structure, such as beginning of text; stands for no text and never comes from ordinary text.</summary>
    Control = 3,

    /// <summary>Added after training; its text is matched before anything else.</summary>
    UserDefined = 4,
    Unused = 5,

    /// <summary>One byte, written <c>&lt;0xXX&gt;</c>: how SPM vocabularies cover text outside their pieces.</summary>
    Byte = 6,
}
