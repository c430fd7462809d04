using System.Globalization;
using System.Runtime.CompilerServices;
using Cluster.Model.ChatTemplates.Expressions;

namespace Cluster.Model.ChatTemplates.Syntax;

/// <summary>Expressions, one method for each level of precedence, loosest first.</summary>
internal sealed class ExpressionParser(TokenCursor cursor)
{
    private static readonly string[] s_additive = ["+", "-"], s_multiplicative = ["*", "/", "//", "%"], s_power = ["**"];

    private readonly PostfixParser _postfix = new(cursor);

    /// <summary>An expression, or a tuple of them without parentheses.</summary>
    public Expression ParseTuple(bool allowsCondition = true, bool allowsEmpty = false)
    {
        var items = new List<Expression>();
        var isTuple = false;
        while (!IsTupleEnd())
        {
            items.Add(allowsCondition ? Parse() : ParseOr());
            if (!cursor.TryTakeOperator(",")) break;
            isTuple = true;
        }

        if (isTuple || (items.Count == 0 && allowsEmpty)) return new TupleExpression(items);
        return items.Count == 1 ? items[0] : throw cursor.Unexpected("an expression");
    }

    public Expression Parse()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var value = ParseOr();
        while (cursor.TryTakeName("if"))
        {
            var condition = ParseOr();
            value = new ConditionalExpression(value, condition, cursor.TryTakeName("else") ? Parse() : null);
        }

        return value;
    }

    public Expression ParseOr()
    {
        var left = ParseAnd();
        while (cursor.TryTakeName("or")) left = new LogicalExpression(left, isOr: true, ParseAnd());
        return left;
    }

    private Expression ParseAnd()
    {
        var left = ParseNot();
        while (cursor.TryTakeName("and")) left = new LogicalExpression(left, isOr: false, ParseNot());
        return left;
    }

    private Expression ParseNot()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return cursor.TryTakeName("not") ? new NotExpression(ParseNot()) : ParseComparison();
    }

    private Expression ParseComparison()
    {
        var first = ParseAdditive();
        var links = new List<(Func<object?, object?, bool>, Expression)>();
        while (TakeComparison() is { } holds) links.Add((holds, ParseAdditive()));
        return links.Count == 0 ? first : new ComparisonExpression(first, links);
    }

    private Func<object?, object?, bool>? TakeComparison()
    {
        if (cursor.TryTakeName("in")) return Operators.IsIn;
        if (cursor.Current.IsName("not") && cursor.Following.IsName("in"))
        {
            cursor.Take();
            cursor.Take();
            return Operators.IsNotIn;
        }

        return cursor.Current.Kind == TokenKind.Operator && Operators.Comparing.TryGetValue(cursor.Current.Text, out var holds) && cursor.Take() is var _ ? holds : null;
    }

    private Expression ParseAdditive() => ParseChain(ParseConcatenation, s_additive);

    private Expression ParseConcatenation()
    {
        var parts = new List<Expression> { ParseMultiplicative() };
        while (cursor.TryTakeOperator("~")) parts.Add(ParseMultiplicative());
        return parts is [var only] ? only : new ConcatenationExpression(parts);
    }

    private Expression ParseMultiplicative() => ParseChain(ParsePower, s_multiplicative);

    private Expression ParsePower() => ParseChain(() => ParseUnary(withFilters: true), s_power);

    private Expression ParseChain(Func<Expression> parseOperand, string[] operators)
    {
        var left = parseOperand();
        while (cursor.Current.Kind == TokenKind.Operator && operators.Contains(cursor.Current.Text))
            left = new BinaryExpression(left, Operators.Arithmetical[cursor.Take().Text], parseOperand());
        return left;
    }

    private Expression ParseUnary(bool withFilters)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var isMinus = cursor.Current.IsOperator("-");
        var value = cursor.TryTakeOperator("-") || cursor.TryTakeOperator("+") ? new SignExpression(ParseUnary(withFilters: false), isMinus) : ParsePrimary();
        value = _postfix.ParseAccesses(value, this);
        return withFilters ? _postfix.ParseFilters(value, this) : value;
    }

    public Expression ParsePrimary()
    {
        var token = cursor.Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new ConstantExpression(true),
                    "false" or "False" => new ConstantExpression(false),
                    "none" or "None" => new ConstantExpression(null),
                    _ => new NameExpression(token.Text),
                };
            case TokenKind.String:
                var text = token.Text;
                while (cursor.Current.Kind == TokenKind.String) text += cursor.Take().Text;
                return new ConstantExpression(text);
            case TokenKind.Integer:
                return new ConstantExpression(long.Parse(token.Text, CultureInfo.InvariantCulture));
            case TokenKind.Float:
                return new ConstantExpression(double.Parse(token.Text, CultureInfo.InvariantCulture));
            case TokenKind.Operator when token.Text == "(":
                var inner = ParseTuple(allowsEmpty: true);
                cursor.ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                return new ListExpression(ParseItems("]", Parse));
            case TokenKind.Operator when token.Text == "{":
                return new DictionaryExpression(ParseItems("}", ParseEntry));
            default:
                throw new ChatTemplateException(token.Line, $"an expression is expected, not {token.Description}");
        }
    }

    private (Expression Key, Expression Value) ParseEntry()
    {
        var key = Parse();
        cursor.ExpectOperator(":");
        return (key, Parse());
    }

    private List<T> ParseItems<T>(string end, Func<T> parse)
    {
        var items = new List<T>();
        while (!cursor.TryTakeOperator(end))
        {
            if (items.Count > 0)
            {
                cursor.ExpectOperator(",");
                if (cursor.TryTakeOperator(end)) break;
            }

            items.Add(parse());
        }

        return items;
    }

    private bool IsTupleEnd() =>
        cursor.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd or TokenKind.EndOfTemplate || cursor.Current.IsOperator(")");
}
