/// What the product says about itself.
public enum Product {
  /// Semantic version of this build.
  public static let version = "0.1.0"
}
